// An alert in words, the same for eyes and ears.
import { words } from '../format/language.js';
import { direction, signed } from '../format/number.js';
import { span } from '../format/time.js';

/** "DOGE/USD rose 1.42 % in 5 min" @param {Alert} alert */
export function alertTitle({ kind, pair, pct_change: change, window_s: seconds }) {
  const w = words.value;
  const size = signed(change).replace(/^[+\u2212]/, '');
  const percent = w.percent(size);
  const down = direction(change) < 0;
  const time = span(seconds);
  switch (kind) {
    case 'volume-burst':
      return w.volumeBurst(pair, percent, time);
    case 'spread-widening':
      return w.spreadWidening(pair, percent, time);
    case 'sentiment-swing':
      return (down ? w.newsWorse : w.newsBetter)(pair, size, time);
    case 'feed-silent':
      return w.feedSilent(pair, time);
    case 'forecast-broken':
      return w.forecastBroken(pair, percent, time);
    default:
      return (down ? w.fell : w.rose)(pair, percent, time);
  }
}

/** @param {Alert} alert */
export const alertSpoken = (alert) => words.value.alertSpoken(alertTitle(alert));

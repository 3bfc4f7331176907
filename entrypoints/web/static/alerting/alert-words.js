// An alert in words, the same for eyes and ears.
import { words } from '../format/language.js';
import { direction, signed } from '../format/number.js';
import { span } from '../format/time.js';

/** "DOGE/USD rose 1.42 % in 5 min" @param {Alert} alert */
export function alertTitle(alert) {
  const w = words.value;
  const percent = w.percent(signed(alert.pct_change).replace(/^[+\u2212]/, ''));
  const moved = direction(alert.pct_change) < 0 ? w.fell : w.rose;
  return moved(alert.pair, percent, span(alert.window_s));
}

/** @param {Alert} alert */
export const alertSpoken = (alert) => words.value.alertSpoken(alertTitle(alert));

// What befell a bar besides its prices: news, alerts, gaps, forecasts that came due. Fetched when a bar is first pointed at.
import { effect } from '../vendor/signals/signals.js';
import { alerts } from '../alerting/alerts-state.js';
import { horizon, outcomes } from '../analytics/outcome-state.js';
import { chartWords } from '../format/chart-words.js';
import { count, priced } from '../format/number.js';
import { span } from '../format/time.js';
import { shown } from '../market/candles.js';
import { gaps } from '../market/gaps-state.js';
import { baseOf } from '../market/pairs.js';
import { digitsOf } from '../market/quotes.js';
import { articles } from '../news/news-state.js';
import { overlays } from '../shell/settings.js';
import { moments, notes } from './bar-notes.js';

const seconds = (/** @type {string} */ time) => Date.parse(time) / 1000;

/** @param {Gap} gap */
export const gapName = (gap) =>
  gap.state === 'missing' ? chartWords.value.gapMissing(gap.missing, count(gap.missing)) : chartWords.value.gapFilled(gap.trades, count(gap.trades));

// What can be told of a bar, and where the keys n and p stop.
effect(() => {
  const w = chartWords.value;
  const { pair, book } = shown.value;
  const news = overlays.news.value ? articles.value.filter(({ tags }) => tags.includes(baseOf(pair))) : [];
  const own = overlays.alerts.value ? alerts.value.filter((alert) => alert.pair === pair) : [];
  const holes = (overlays.gaps.value ? gaps.value : []).map((gap) => ({ from: seconds(gap.start), to: seconds(gap.end), name: gapName(gap) }));
  const due = overlays.forecast.value ? outcomes.value : [];
  const bar = (/** @type {number} */ time) => Math.floor(time / book.step) * book.step;
  /** @type {Map<number, string[]>} */
  const told = new Map();
  const tell = (/** @type {string} */ time, /** @type {string} */ text) => {
    const start = bar(seconds(time));
    const texts = told.get(start);
    if (texts) texts.push(text);
    else told.set(start, [text]);
  };
  for (const { recorded_at, title } of news) tell(recorded_at, w.newsThen(title));
  for (const { timestamp } of own) tell(timestamp, w.alertThen);
  const stops = [...told.keys(), ...holes.map(({ from }) => bar(from)), ...due.flatMap((one) => (one.inside === false ? [bar(seconds(one.target_at))] : []))];
  const places = digitsOf(pair);
  for (const { target_at, lower, upper, inside } of due)
    tell(target_at, w.forecastThen(span(horizon.value), `${priced(lower, places)} – ${priced(upper, places)}`, inside === true));
  moments.value = [...new Set(stops)].sort((a, b) => a - b);
  notes.value = (start, step) => [
    ...holes.filter(({ from, to }) => from < start + step && to >= start).map(({ name }) => name),
    ...(told.get(start) ?? []),
  ];
});

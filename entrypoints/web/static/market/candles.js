// The candles on the chart: the first stretch, older ones as the reader scrolls back, live ones as they grow.
import { signal } from '../vendor/signals/signals.js';
import { get, pairInUrl } from '../stream/api.js';
import { Remote } from '../stream/remote.js';
import { asOf } from '../time-machine/clock.js';
import { CandleBook, startOfDay } from './candle-book.js';
import { comparing, interval, others, selected, STEPS } from './pairs.js';
import { learnDigits, quotes } from './quotes.js';
import { newestTrade } from './tape-state.js';

const FIRST_BARS = 500;
const MORE_BARS = 1000;
/** Empty stretches are stepped over in ever longer strides, so many of them. */
const STRIDES = [1, 4, 16, 64];
const MOST_BARS = 50_000;
const MOST_PAGES = 64;

export const stepOf = (/** @type {string} */ name) => STEPS[name] ?? 300;

/** What the chart shows; replaced when pair or interval changes. */
export const shown = signal({
  pair: selected.peek(),
  interval: interval.peek(),
  book: new CandleBook(stepOf(interval.peek())),
});
/** Rises with every change in the book. */
export const revision = signal(0);
export const loadingOlder = signal(false);
/** Nothing older is known to the server. */
let exhausted = false;

/** All candles of a stretch, however many pages. @param {string} pair @param {string} name @param {number} start @param {number} [end] UTC seconds */
export async function stretch(pair, name, start, end) {
  const iso = (/** @type {number} */ seconds) => new Date(seconds * 1000).toISOString();
  /** @type {Candle[]} */
  const rows = [];
  /** @type {string | undefined} */
  let cursor;
  for (let page = 0; page < MOST_PAGES; page++) {
    const query = { pair: pairInUrl(pair), interval: name, start: iso(start), limit: 1000, cursor };
    const answer = await get('candles/', end === undefined ? query : { ...query, end: iso(end) });
    rows.push(...answer.items);
    cursor = answer.next_cursor ?? undefined;
    if (!cursor) break;
  }
  return rows;
}

/** A recording plays in the past, so the newest row, not the clock, says where the market is. @param {string} pair */
export async function newestTime(pair) {
  const known = [quotes.peek().get(pair)?.row.timestamp, newestTrade(pair)].flatMap((time) => (time ? [Date.parse(time)] : []));
  if (known.length) return Math.max(...known) / 1000;
  const { items } = await get('trades/', { pair: pairInUrl(pair), limit: 1 });
  return items[0] ? Date.parse(items[0].timestamp) / 1000 : (asOf.peek() ?? Date.now()) / 1000;
}

export const candlesRemote = new Remote(
  async () => {
    // The latest page, wherever the market is: the paint waits for this one answer.
    const { pair, interval: name } = shown.peek();
    const latest = await get('candles/', { pair: pairInUrl(pair), interval: name, limit: FIRST_BARS });
    const rows = /** @type {Candle[]} */ (latest.items);
    const times = rows.map((row) => Date.parse(row.start) / 1000);
    const [oldest = 0, newest = 0] = [times[0], times.at(-1)];
    const start = Math.min(newest - (FIRST_BARS - 1) * stepOf(name), startOfDay(newest));
    if (latest.next_cursor && oldest > start) return [...(await stretch(pair, name, start, oldest)), ...rows];
    return rows.filter((_, index) => (times[index] ?? 0) >= start);
  },
  (rows) => add(rows),
);

/** Begin anew for the selected pair and interval. */
export function showCandles() {
  const [pair, name] = [selected.peek(), interval.peek()];
  shown.value = { pair, interval: name, book: new CandleBook(stepOf(name)) };
  exhausted = false;
  loadingOlder.value = false;
  void candlesRemote.load({ anew: true });
}

/** Fetch what lies before the first bar. */
export async function loadOlder() {
  const { pair, interval: name, book } = shown.peek();
  if (exhausted || loadingOlder.peek() || book.first === undefined || book.size > MOST_BARS) return;
  loadingOlder.value = true;
  try {
    let end = book.first;
    for (const stride of STRIDES) {
      const start = Math.max(0, end - MORE_BARS * stride * book.step);
      const rows = await stretch(pair, name, start, end);
      if (shown.peek().book !== book) return;
      if (rows.length) return void add(rows);
      if (start === 0) break;
      end = start;
    }
    exhausted = true;
  } catch {
    // the chart stays as it is; scrolling on asks again, and a lasting failure shows in the banner
  } finally {
    if (shown.peek().book === book) loadingOlder.value = false;
  }
}

/** Whether a row of the stream is on the chart. @param {Candle} row */
export function isShown(row) {
  const { pair, interval: name } = shown.peek();
  return row.pair === pair && row.interval === name;
}

/** Whether a row of the stream is looked at: on the chart, or compared with it. @param {Candle} row */
export const isWanted = (row) =>
  isShown(row) || (comparing.peek() !== null && row.interval === shown.peek().interval && others.peek().includes(row.pair));

/** @param {Candle[]} rows @param {boolean} missed whether there are more of before them: then the chart has a hole */
export function takeCandles(rows, missed) {
  if (missed) showCandles();
  add(rows.filter(isShown));
}

/** @param {Candle[]} rows */
function add(rows) {
  const { pair, book } = shown.peek();
  if (rows.length) {
    book.put(rows);
    for (const row of rows.slice(-50)) learnDigits(pair, [row.open, row.high, row.low, row.close]);
  }
  revision.value++;
}

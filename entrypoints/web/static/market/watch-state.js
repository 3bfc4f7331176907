// The pairs the reader watches, in the order shown, and a day of each as a small line.
import { computed, signal } from '../vendor/signals/signals.js';
import { get, pairInUrl } from '../stream/api.js';
import { Remote } from '../stream/remote.js';
import { sortBy } from '../shell/settings.js';
import { pairs } from './pairs.js';
import { newestTime } from './candles.js';
import { learnDigits, quotes } from './quotes.js';

/** The pairs on the watchlist; an empty list means that all are shown. */
export const watched = signal(/** @type {readonly string[]} */ ([]));
export const editing = signal(false);
/** Why the last change of the watchlist failed. */
export const watchError = signal(/** @type {string | null} */ (null));

export const watchRemote = new Remote(
  () => get('watchlist/', { limit: 1000 }),
  (page) => (watched.value = page.items.map((/** @type {{pair: string}} */ row) => row.pair)),
);

/** @param {string} pair */
const change = (pair) => Number(quotes.value.get(pair)?.row.pct_change ?? -Infinity);

/** The pairs as the list shows them. */
export const listed = computed(() => {
  const chosen = pairs.value.filter((pair) => editing.value || !watched.value.length || watched.value.includes(pair));
  return sortBy.value === 'change' ? chosen.toSorted((a, b) => change(b) - change(a)) : chosen;
});

const SPARK_BARS = 96; // a day of quarters of an hour
const SPARK_STEP_S = 900;

/** Closes of the last day, oldest first. */
export const sparks = signal(/** @type {ReadonlyMap<string, readonly string[]>} */ (new Map()));

let run = 0;

/** Fetch the small lines, one pair at a time: they are the last thing anybody waits for. */
export async function loadSparks() {
  const mine = ++run;
  for (const pair of pairs.peek()) {
    try {
      const start = new Date(((await newestTime(pair)) - SPARK_BARS * SPARK_STEP_S) * 1000).toISOString();
      const page = await get('candles/', { pair: pairInUrl(pair), interval: '15m', start, limit: SPARK_BARS + 4 });
      if (mine !== run) return;
      const closes = page.items.map((/** @type {Candle} */ row) => row.close);
      learnDigits(pair, closes);
      sparks.value = new Map(sparks.peek()).set(pair, closes);
    } catch {
      return; // without the lines the list still says everything; the next round tries again
    }
  }
}
setInterval(() => {
  if (!document.hidden) void loadSparks();
}, SPARK_STEP_S * 1000);

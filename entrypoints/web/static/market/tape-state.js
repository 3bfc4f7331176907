// The newest trades of the selected pair, and how fast they come.
import { computed, signal } from '../vendor/signals/signals.js';
import { now } from '../format/time.js';
import { get, pairInUrl } from '../stream/api.js';
import { Remote } from '../stream/remote.js';
import { selected } from './pairs.js';
import { learnDigits } from './quotes.js';

/** What is recorded is in the tables of the server soon after, not at once; later on one that is busy. */
export const WRITTEN_MS = [2000, 10_000];
const RING = 200;
const RATE_SECONDS = 30;

/** Newest first. */
export const trades = signal(/** @type {readonly Trade[]} */ ([]));

/** @type {{at: number, count: number}[]} */
let arrivals = [];
let since = Date.now();

/** Trades a second over the last half minute; null until there is something to count. */
export const rate = computed(() => {
  arrivals = arrivals.filter((arrival) => arrival.at > now.value - RATE_SECONDS * 1000);
  const seconds = Math.min(RATE_SECONDS, (now.value - since) / 1000);
  if (seconds < 3) return null;
  return arrivals.reduce((sum, arrival) => sum + arrival.count, 0) / seconds;
});

/** @param {Trade[]} rows @param {number | null} seen how many happened meanwhile; null: nobody counted, while the page was hidden */
export function takeTrades(rows, seen) {
  if (seen === null) countAnew();
  const own = rows.filter((row) => row.pair === selected.peek());
  if (!own.length) return;
  if (seen) arrivals.push({ at: Date.now(), count: seen });
  merge(own);
}

/** @param {Trade[]} rows */
function merge(rows) {
  const byId = new Map(trades.peek().map((row) => [row.event_id, row]));
  for (const row of rows) byId.set(row.event_id, row);
  const order = (/** @type {Trade} */ a, /** @type {Trade} */ b) =>
    Date.parse(b.timestamp) - Date.parse(a.timestamp) || (b.trade_id ?? 0) - (a.trade_id ?? 0);
  trades.value = [...byId.values()].sort(order).slice(0, RING);
  learnDigits(selected.peek(), rows.map((row) => row.price));
}

export const tradesRemote = new Remote(
  async () => {
    const pair = selected.peek();
    return { pair, page: await get('trades/', { pair: pairInUrl(pair), limit: RING }) };
  },
  ({ pair, page }) => {
    if (pair === selected.peek()) merge(page.items);
  },
);

/** @type {number[]} */
let timers = [];

/** The trades between those that were in the server's tables and the stream's first. */
function loadBetween() {
  if (!tradesRemote.busy) void tradesRemote.load();
}

function countAnew() {
  arrivals = [];
  since = Date.now();
}

/** Begin anew for the selected pair. */
export function showTrades() {
  trades.value = [];
  countAnew();
  void tradesRemote.load({ anew: true });
  timers.forEach(clearTimeout);
  timers = WRITTEN_MS.map((wait) => setTimeout(loadBetween, wait));
}

/** When the pair's newest known trade was. @param {string} pair */
export function newestTrade(pair) {
  const row = trades.peek()[0];
  return row?.pair === pair ? row.timestamp : undefined;
}

// The candles of the pairs that are compared: of one interval, the first stretch, older ones on request, live ones.
import { effect, signal, untracked } from '../vendor/signals/signals.js';
import { CandleBook } from '../market/candle-book.js';
import { newestTime, shown, stepOf, stretch } from '../market/candles.js';
import { comparing, interval, others, selected } from '../market/pairs.js';
import { learnDigits } from '../market/quotes.js';
import { remotes, rooms, sessions } from '../stream/live.js';
import { Remote } from '../stream/remote.js';

const BARS = 500;

/** By pair, the selected one first. */
export const books = signal(/** @type {ReadonlyMap<string, CandleBook>} */ (new Map()));
/** Rises with every change in one of them. */
export const comparedRevision = signal(0);
let exhausted = false;
let busy = false;

const compared = () => [...new Set([selected.value, ...others.value])];

/** @param {string} pair @param {CandleBook} book @param {Candle[]} rows */
function put(pair, book, rows) {
  book.put(rows);
  for (const row of rows.slice(-50)) learnDigits(pair, [row.open, row.high, row.low, row.close]);
}

export const compareRemote = new Remote(
  async () => {
    const into = books.peek();
    const name = interval.peek();
    const newest = await newestTime(selected.peek());
    const start = Math.floor(newest / stepOf(name)) * stepOf(name) - BARS * stepOf(name);
    const rows = await Promise.all([...into.keys()].map((pair) => stretch(pair, name, start)));
    return { into, rows };
  },
  ({ into, rows }) => {
    if (into !== books.peek()) return;
    [...into].forEach(([pair, book], index) => put(pair, book, rows[index] ?? []));
    comparedRevision.value++;
  },
);

/** Fetch what lies before the first bar of all. */
export async function loadOlderCompared() {
  const into = books.peek();
  const firsts = [...into.values()].flatMap(({ first }) => first ?? []);
  if (busy || exhausted || !firsts.length) return;
  busy = true;
  const [end, name] = [Math.min(...firsts), interval.peek()];
  try {
    const start = Math.max(0, end - 2 * BARS * stepOf(name));
    const rows = await Promise.all([...into.keys()].map((pair) => stretch(pair, name, start, end)));
    if (into !== books.peek()) return;
    exhausted = rows.every((found) => !found.length);
    [...into].forEach(([pair, book], index) => put(pair, book, rows[index] ?? []));
    comparedRevision.value++;
  } catch {
    // what is there stays; scrolling on asks again, and a lasting failure shows in the banner
  } finally {
    busy = false;
  }
}

/** @param {Candle[]} rows */
function takeCompared(rows) {
  let any = false;
  for (const row of rows) {
    const book = row.interval === shown.peek().interval ? books.peek().get(row.pair) : undefined;
    if (book) put(row.pair, book, [row]);
    any ||= book !== undefined;
  }
  if (any) comparedRevision.value++;
}

const takeCandles = rooms.candles;
rooms.candles = (rows, missed) => {
  takeCandles(rows, missed);
  if (comparing.peek() && missed) begin();
  if (comparing.peek()) takeCompared(rows);
};
const { candles } = remotes;
remotes.candles = {
  load: async () => {
    await Promise.all([candles?.load(), comparing.peek() ? compareRemote.load() : undefined]);
  },
};

/** Fetch them all. */
function begin() {
  const step = stepOf(interval.value);
  const pairs = comparing.value ? compared() : [];
  exhausted = false;
  books.value = new Map(pairs.map((pair) => [pair, new CandleBook(step)]));
  if (pairs.length) untracked(() => void compareRemote.load({ anew: true }));
}

effect(() => {
  void sessions.value;
  begin();
});

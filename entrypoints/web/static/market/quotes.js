// The newest ticker of each pair, and how many decimals its prices are written with.
import { signal } from '../vendor/signals/signals.js';
import { decimals, needed } from '../format/number.js';
import { get } from '../stream/api.js';
import { Remote } from '../stream/remote.js';

/**
 * @typedef {object} Quote
 * @property {Ticker} row
 * @property {-1 | 0 | 1} moved  how the price moved just now
 * @property {number} movedAt  when it did, by the page's clock
 */

export const quotes = signal(/** @type {ReadonlyMap<string, Quote>} */ (new Map()));

/** Decimals of each pair's prices: the most that were seen. Rows come without trailing zeros, columns need them. */
export const digits = signal(/** @type {ReadonlyMap<string, number>} */ (new Map()));

const MOST_DIGITS = 10;

/** A price that moved is marked for so long, or a little longer. An animation would cost a style and a paint each frame. */
const MARKED_MS = 500;
const LOOK_MS = 250;
let looking = false;

/** @param {string} pair @param {(string | null)[]} prices */
export function learnDigits(pair, prices) {
  const before = digits.peek().get(pair) ?? -1;
  let most = before;
  for (const price of prices) if (price) most = Math.max(most, Math.min(decimals(price), MOST_DIGITS), needed(price));
  if (most > before) digits.value = new Map(digits.peek()).set(pair, most);
}

/** @param {string} pair */
export const digitsOf = (pair) => digits.value.get(pair) ?? 2;

/** @param {Ticker[]} rows */
export function takeTickers(rows) {
  const next = new Map(quotes.peek());
  for (const row of rows) {
    const before = next.get(row.pair);
    if (before && Date.parse(before.row.recorded_at) > Date.parse(row.recorded_at)) continue;
    learnDigits(row.pair, [row.last, row.bid, row.ask]);
    const moved = before ? compare(row.last, before.row.last) : 0;
    next.set(row.pair, moved ? { row, moved, movedAt: Date.now() } : { moved: 0, movedAt: 0, ...before, row });
  }
  quotes.value = next;
  lookAgain();
}

/** Take the marks from prices that have stood still for a while. */
function lookAgain() {
  if (looking || ![...quotes.peek().values()].some(({ moved }) => moved)) return;
  looking = true;
  setTimeout(() => {
    looking = false;
    const since = Date.now() - MARKED_MS;
    const still = [...quotes.peek()].filter(([, { moved, movedAt }]) => moved && movedAt < since);
    if (still.length) quotes.value = new Map([...quotes.peek(), ...still.map(([pair, quote]) => /** @type {const} */ ([pair, { ...quote, moved: 0 }]))]);
    lookAgain();
  }, LOOK_MS);
}

/** @param {string} a @param {string} b @returns {-1 | 0 | 1} */
function compare(a, b) {
  if (a === b) return 0;
  const [wholeA = '', fractionA = ''] = a.split('.');
  const [wholeB = '', fractionB = ''] = b.split('.');
  if (wholeA.length !== wholeB.length) return wholeA.length > wholeB.length ? 1 : -1;
  const length = Math.max(fractionA.length, fractionB.length);
  return wholeA + fractionA.padEnd(length, '0') > wholeB + fractionB.padEnd(length, '0') ? 1 : -1;
}

export const quotesRemote = new Remote(() => get('tickers/'), (page) => takeTickers(page.items));

/** Another origin: nothing of before holds. */
export function forgetQuotes() {
  quotes.value = new Map();
  digits.value = new Map();
}

// The newest ticker of each pair, and how many decimals its prices are written with.
import { signal } from '../vendor/signals-core/signals-core.js';
import { decimals } from '../format/number.js';
import { get } from '../stream/api.js';
import { Remote } from '../stream/remote.js';

/**
 * @typedef {object} Quote
 * @property {Ticker} row
 * @property {-1 | 0 | 1} moved  how the price moved with this row
 * @property {number} beat  counts the moves, so that each one flashes
 */

export const quotes = signal(/** @type {ReadonlyMap<string, Quote>} */ (new Map()));

/** Decimals of each pair's prices: the most that were seen. Rows come without trailing zeros, columns need them. */
export const digits = signal(/** @type {ReadonlyMap<string, number>} */ (new Map()));

const MOST_DIGITS = 10;

/** @param {string} pair @param {(string | null)[]} prices */
export function learnDigits(pair, prices) {
  const before = digits.peek().get(pair) ?? -1;
  let most = before;
  for (const price of prices) if (price) most = Math.max(most, Math.min(decimals(price), MOST_DIGITS));
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
    next.set(row.pair, { row, moved: moved || (before?.moved ?? 0), beat: (before?.beat ?? 0) + (moved ? 1 : 0) });
  }
  quotes.value = next;
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

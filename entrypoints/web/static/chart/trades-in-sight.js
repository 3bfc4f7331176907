// The single trades of the stretch in sight, where they are few enough to be told apart; new ones come with the tape.
import { effect, signal, untracked } from '../vendor/signals/signals.js';
import { revision, shown } from '../market/candles.js';
import { trades } from '../market/tape-state.js';
import { overlays } from '../shell/settings.js';
import { get, pairInUrl } from '../stream/api.js';

/** @typedef {import('./trade-dots.js').Dot} Dot */

const MOST = 3000;
const PAGE = 1000;
const SETTLED_MS = 250;

/** By time. */
export const dots = signal(/** @type {readonly Dot[]} */ ([]));
/** Whether so many trades are in sight that single ones are not shown. */
export const tooMany = signal(false);

/** The times in sight, in UTC seconds; whoever draws the chart says. */
export const sight = signal(/** @type {{from: number, to: number} | null} */ (null));

/** @type {Map<string, Dot>} */
let known = new Map();
let book = shown.peek().book;
let timer = 0;

/** @param {readonly Trade[]} rows */
function take(rows) {
  for (const { event_id, timestamp, price, volume, side } of rows)
    if (!known.has(event_id)) known.set(event_id, { time: Date.parse(timestamp) / 1000, price: Number(price), root: Math.sqrt(Number(volume)), side });
  let kept = [...known].sort(([, a], [, b]) => a.time - b.time);
  if (kept.length > 2 * MOST) {
    kept = kept.slice(-MOST);
    known = new Map(kept);
  }
  dots.value = kept.map(([, dot]) => dot);
}

/** How many trades the candles tell of. @param {number} from @param {number} to */
function tradesIn(from, to) {
  let count = 0;
  for (let start = Math.floor(from / book.step) * book.step; start <= to; start += book.step) {
    count += book.at(start)?.trades ?? 0;
    if (count > MOST) break;
  }
  return count;
}

/** @param {number} from @param {number} to */
async function fetchTrades(from, to) {
  const asked = shown.peek();
  const iso = (/** @type {number} */ seconds) => new Date(seconds * 1000).toISOString();
  const query = { pair: pairInUrl(asked.pair), start: iso(from), end: iso(to + book.step), limit: PAGE };
  /** @type {string | undefined} */
  let cursor;
  for (let page = 0; page < MOST / PAGE; page++) {
    const answer = await get('trades/', { ...query, cursor });
    if (shown.peek() !== asked) return;
    take(answer.items);
    cursor = answer.next_cursor ?? undefined;
    if (!cursor) return;
  }
}

// What stands still for a moment is fetched; while it moves, what is known is shown.
effect(() => {
  const seen = sight.value;
  void shown.value;
  clearTimeout(timer);
  if (!overlays.trades.value || !seen) return;
  untracked(() => {
    if (book !== shown.peek().book) {
      book = shown.peek().book;
      known = new Map();
      dots.value = [];
    }
    timer = setTimeout(() => {
      tooMany.value = tradesIn(seen.from, seen.to) > MOST;
      if (!tooMany.peek()) fetchTrades(seen.from, seen.to).catch(() => {}); // those known stay; moving on asks again
    }, SETTLED_MS);
  });
});

effect(() => {
  void revision.value;
  const rows = trades.value;
  if (overlays.trades.value && rows[0]?.pair === shown.peek().pair && book === shown.peek().book) untracked(() => take(rows));
});

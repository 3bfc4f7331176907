// What the slider covers: since when the log has records, and what happened there that is worth going to.
import { effect, signal, untracked } from '../vendor/signals/signals.js';
import { selected } from '../market/pairs.js';
import { get, pairInUrl } from '../stream/api.js';
import { sessions } from '../stream/live.js';
import { Remote } from '../stream/remote.js';
import { asOf, machineShown } from './clock.js';

/** A move of a candle counts when it is so many times the usual one of the stretch. */
const UNUSUAL = 4;
const MOST_MOVES = 12;
const HOUR_MS = 3_600_000;
const INTERVAL = /** @type {const} */ ({ 1: '1m', 6: '5m', 24: '15m', 168: '1h' });

/** @typedef {keyof typeof INTERVAL} Stretch  in hours */
/** @typedef {{at: number, kind: 'move' | 'alert'}} Tick  `at` in milliseconds since 1970 */

/** The stretch that was chosen. */
export const chosen = signal(/** @type {Stretch} */ (1));
/** When the log begins, in milliseconds since 1970; null while that is not known, or the log is empty. */
export const beganAt = signal(/** @type {number | null} */ (null));
/** Moves and alerts of the selected pair. */
export const ticks = signal(/** @type {readonly Tick[]} */ ([]));

/** @param {Candle[]} rows @returns {Tick[]} */
export function movesOf(rows) {
  const sizes = rows.map((row) => Math.abs(Number(row.close) / Number(row.open) - 1));
  const usual = sizes.toSorted((a, b) => a - b)[Math.floor(sizes.length / 2)] ?? 0;
  return rows
    .map((row, index) => ({ at: Date.parse(row.start), kind: /** @type {const} */ ('move'), size: sizes[index] ?? 0 }))
    .filter(({ size }) => size > 0 && size >= UNUSUAL * usual)
    .sort((a, b) => b.size - a.size)
    .slice(0, MOST_MOVES);
}

/** Ask when the log begins; 0 while it is empty, or cannot be asked. */
export async function beginning() {
  if (beganAt.peek() === null) {
    const log = await get('log/').catch(() => null); // the time itself says what is wrong then
    beganAt.value = log?.began_at ? Date.parse(log.began_at) : null;
  }
  return beganAt.peek() ?? 0;
}

const remote = new Remote(
  async () => {
    const pair = pairInUrl(selected.peek());
    const start = new Date(Date.now() - chosen.peek() * HOUR_MS).toISOString();
    const [log, candles, alerts] = await Promise.all([
      get('log/'),
      get('candles/', { pair, interval: INTERVAL[chosen.peek()], start, limit: 200 }),
      get('alerts/', { pair, limit: 200 }),
    ]);
    return { log, candles, alerts };
  },
  ({ log, candles, alerts }) => {
    beganAt.value = log.began_at && Date.parse(log.began_at);
    const raised = alerts.items.map((/** @type {Alert} */ alert) => ({ at: Date.parse(alert.timestamp), kind: 'alert' }));
    ticks.value = [...movesOf(candles.items), ...raised];
  },
);

// Asked in the present, of which the past is a part.
effect(() => {
  void [selected.value, chosen.value, sessions.value];
  if (machineShown.value && asOf.value === null) untracked(() => void remote.load());
});

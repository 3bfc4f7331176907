// Past forecasts of the selected pair that have come due: those for the time ahead that fits the chart's interval.
import { computed, effect, signal, untracked } from '../vendor/signals/signals.js';
import { interval, selected, STEPS } from '../market/pairs.js';
import { overlays } from '../shell/settings.js';
import { get, pairInUrl } from '../stream/api.js';
import { sessions } from '../stream/live.js';
import { Remote } from '../stream/remote.js';
import { HORIZONS } from './forecast-state.js';

const MOST = 1000;
const EVERY_MS = 30_000;

/** Newest first, each with what the price was. */
export const outcomes = signal(/** @type {readonly Prediction[]} */ ([]));
/** The longest horizon that is no longer than a bar, in seconds; the shortest one where none is. */
export const horizon = computed(() => HORIZONS.findLast((seconds) => seconds <= (STEPS[interval.value] ?? 0)) ?? 60);

export const outcomesRemote = new Remote(
  async () => {
    const [pair, horizon_s] = [selected.peek(), horizon.peek()];
    const { items } = await get('predictions/', { pair: pairInUrl(pair), horizon_s, limit: MOST });
    return { pair, horizon_s, items: /** @type {Prediction[]} */ (items) };
  },
  ({ pair, horizon_s, items }) => {
    if (pair === selected.peek() && horizon_s === horizon.peek()) outcomes.value = items.filter(({ actual }) => actual !== null);
  },
);

effect(() => {
  void sessions.value;
  void selected.value;
  void horizon.value;
  outcomes.value = [];
  if (overlays.forecast.value) untracked(() => void outcomesRemote.load({ anew: true }));
});
setInterval(() => {
  if (overlays.forecast.peek() && !document.hidden && outcomesRemote.state.peek().phase === 'ready') void outcomesRemote.load();
}, EVERY_MS);

// The one state of the page's connection. All that shows data obeys it.
import { computed, effect } from '../vendor/signals/signals.js';
import { marketFeeds } from '../market/feeds-state.js';
import { link } from '../stream/link.js';
import { asOf, speed } from '../time-machine/clock.js';

/** So late, in seconds between the venue's time and ours, data is not called live. */
const BEHIND_S = 10;

/** @type {import('../vendor/signals/signals.js').ReadonlySignal<'live' | 'behind' | 'stale' | 'lost' | 'past' | 'replay'>} `stale`: no pair is live */
export const condition = computed(() => {
  if (link.value.lost) return 'lost';
  if (asOf.value !== null) return speed.value ? 'replay' : 'past';
  const flowing = marketFeeds.value.filter(({ state }) => state === 'live' || state === 'ended');
  if (!flowing.length) return marketFeeds.value.length ? 'stale' : 'live';
  return flowing.some(({ lag_s }) => (lag_s ?? 0) < BEHIND_S) ? 'live' : 'behind';
});

effect(() => {
  document.body.dataset['condition'] = condition.value;
});

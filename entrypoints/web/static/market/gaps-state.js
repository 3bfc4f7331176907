// When trades of the selected pair were missed, and which of these gaps have been filled since.
import { computed, effect, signal, untracked } from '../vendor/signals/signals.js';
import { get, pairInUrl } from '../stream/api.js';
import { sessions } from '../stream/live.js';
import { Remote } from '../stream/remote.js';
import { feeds } from './feeds-state.js';
import { selected } from './pairs.js';

/** Latest first. */
export const gaps = signal(/** @type {readonly Gap[]} */ ([]));

export const gapsRemote = new Remote(
  async () => {
    const pair = selected.peek();
    const { items } = await get(`feeds/${pairInUrl(pair)}/gaps/`, { limit: 1000 });
    return { pair, items };
  },
  ({ pair, items }) => {
    if (pair === selected.peek()) gaps.value = items;
  },
);

/** The feed tells how many there are; when that changes they are fetched. */
const tally = computed(() => {
  const feed = feeds.value.get(selected.value);
  return `${feed?.gaps} ${feed?.missing}`;
});

let before = '';
effect(() => {
  void tally.value;
  const now = `${selected.value} ${sessions.value}`;
  const anew = now !== before;
  before = now;
  if (anew) gaps.value = [];
  untracked(() => void gapsRemote.load({ anew })); // none are known until it has answered
});

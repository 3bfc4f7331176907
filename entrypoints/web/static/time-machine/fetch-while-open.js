// What a dialog shows follows the time that the page shows.
import { computed, effect, untracked } from '../vendor/signals/signals.js';
import { sessions } from '../stream/live.js';
import { asOf, speed } from './clock.js';

/** A replay moves on many times a second: what it shows in figures needs no more than this. */
const REPLAY_MS = 3000;

const present = computed(() => asOf.value === null);
const playing = computed(() => speed.value > 0);

/**
 * Fetch when it opens, at each jump in time, and every few seconds while the past is played.
 * @param {() => boolean} isOpen reads signals only
 * @param {{load: () => Promise<void>}} remote
 */
export function fetchWhileOpen(isOpen, remote) {
  let fetched = 0;
  const fetch = () => {
    fetched = Date.now();
    void remote.load();
  };
  effect(() => {
    void [sessions.value, present.value, playing.value];
    if (isOpen()) untracked(fetch);
  });
  effect(() => {
    void asOf.value;
    if (isOpen() && playing.value && Date.now() - fetched >= REPLAY_MS) untracked(fetch);
  });
}

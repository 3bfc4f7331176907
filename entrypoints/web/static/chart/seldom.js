// How often the tables behind the charts are made anew.
import { effect, signal } from '../vendor/signals/signals.js';
import { tableShown } from './toolbar.js';

const TABLE_MS = 100;

/** Rises after another has, but not as often: nobody reads a table that fast. @param {{readonly value: number}} revision */
export function seldom(revision) {
  const changes = signal(0);
  let timer = 0;
  effect(() => {
    void revision.value;
    if (!tableShown.value || timer) return;
    timer = setTimeout(() => {
      timer = 0;
      changes.value++;
    }, TABLE_MS);
  });
  return changes;
}

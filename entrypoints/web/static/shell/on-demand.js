// What is fetched when it is first wanted, and what is said where it cannot be had.
import { signal } from '../vendor/signals/signals.js';

/** Whether what was wanted last could not be fetched. */
export const unfetched = signal(false);

/**
 * What was fetched; where it cannot be had that is said, and `unwant` makes the next press ask again.
 * @template T
 * @param {Promise<T>} fetched
 * @param {() => void} [unwant]
 */
export async function wanted(fetched, unwant) {
  try {
    const found = await fetched;
    unfetched.value = false;
    return found;
  } catch (error) {
    console.error(error); // it may have come, and be wrong
    unfetched.value = true;
    return void unwant?.();
  }
}

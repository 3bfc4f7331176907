// What befell a bar besides its prices, in words: who lays something over the candles says it here.
import { signal } from '../vendor/signals/signals.js';

/** @typedef {(start: number, step: number) => string[]} Notes  `start` in UTC seconds, `step` in seconds */

export const notes = signal(/** @type {Notes} */ (() => []));
/** Moments that the keys n and p go to, in UTC seconds, in order. */
export const moments = signal(/** @type {readonly number[]} */ ([]));

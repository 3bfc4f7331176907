// What time the page shows: the present, or an earlier one that stands still or is played again.
import { signal } from '../vendor/signals/signals.js';

/** Milliseconds since 1970; null is the present. What is fetched is asked for as it was known then. */
export const asOf = signal(/** @type {number | null} */ (null));
/** How many times as fast as it went the past is played; 0 while it is not. */
export const speed = signal(0);
/** Whether the bar was asked for. */
export const machineShown = signal(false);

// How the connection to the server is. The stream writes it; whoever shows or fetches something reads it.
import { signal } from '../vendor/signals/signals.js';

/** @typedef {{phase: 'connecting' | 'open', lost: boolean} | {phase: 'waiting', lost: true, retryAt: number}} Link */

export const link = signal(/** @type {Link} */ ({ phase: 'connecting', lost: false }));

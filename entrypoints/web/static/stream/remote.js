// Something fetched, with how that goes: loading, ready, or failed with the reason and the next try.
import { effect, signal, untracked } from '../vendor/signals/signals.js';
import { ApiError } from './api.js';
import { link } from './link.js';

/**
 * @typedef {{phase: 'failed', reason: string, said: boolean, retryAt: number}} Failure  `said`: in the server's words
 * @typedef {{phase: 'loading' | 'ready'} | Failure} Loading
 */

const FIRST_RETRY_MS = 2000;
const LAST_RETRY_MS = 60_000;

/** What got no answer. It is fetched with the next connection: there is one retry, the stream's. @type {Set<Remote<any>>} */
const unanswered = new Set();
effect(() => {
  if (link.value.phase === 'open') untracked(() => unanswered.forEach((remote) => void remote.load()));
});

/** @template T */
export class Remote {
  state = signal(/** @type {Loading} */ ({ phase: 'loading' }));
  /** Whether an answer is under way: who asks every few seconds waits for it. */
  busy = false;
  #run = 0;
  #failures = 0;
  #timer = 0;
  #fetch;
  #accept;

  /**
   * @param {() => Promise<T>} fetch
   * @param {(value: T) => void} accept called with the newest answer only
   */
  constructor(fetch, accept) {
    this.#fetch = fetch;
    this.#accept = accept;
  }

  /** Fetch now; a failure is tried again later, by itself. @param {{anew?: boolean}} [how] anew: what is shown no longer holds */
  async load({ anew = false } = {}) {
    const run = ++this.#run;
    clearTimeout(this.#timer);
    unanswered.delete(this);
    this.busy = true;
    if (anew) this.#failures = 0;
    if (anew || this.state.peek().phase === 'failed') this.state.value = { phase: 'loading' };
    try {
      const value = await this.#fetch();
      if (run !== this.#run) return;
      this.busy = false;
      this.#accept(value);
      this.#failures = 0;
      this.state.value = { phase: 'ready' };
    } catch (error) {
      if (run !== this.#run) return;
      this.busy = false;
      const wait = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures++) * (0.75 + Math.random() / 2);
      if (error instanceof ApiError && error.status === 0) unanswered.add(this);
      this.#timer = setTimeout(() => link.peek().lost || void this.load(), wait);
      const reason = (error instanceof Error ? error.message : String(error)).replace(/\.$/, ''); // the next try follows
      this.state.value = { phase: 'failed', reason, said: error instanceof ApiError && Boolean(error.body?.detail), retryAt: Date.now() + wait };
    }
  }

  /** Nobody looks any more: an answer under way is not taken, and a failure not tried again. */
  stop() {
    this.#run += 1;
    this.busy = false;
    unanswered.delete(this);
    clearTimeout(this.#timer);
  }
}

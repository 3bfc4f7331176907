// A page of the admin: it fetches when it is opened, and again every 5 seconds while it is seen.
import { View } from '../shell/view.js';

const EVERY_MS = 5000;

/** @typedef {{load: () => unknown, stop: () => void, readonly busy: boolean}} Fetched */

export class AdminPage extends View {
  #timer = 0;

  connectedCallback() {
    super.connectedCallback();
    this.#load();
    this.#timer = setInterval(() => {
      if (!document.hidden) this.#load();
    }, EVERY_MS);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.#timer);
    for (const one of this.fetched()) one.stop();
  }

  #load() {
    // An answer that takes longer than that is waited for.
    for (const one of this.fetched()) if (!one.busy) void one.load();
  }

  /** What it shows. @returns {Fetched[]} */
  fetched() {
    throw new Error(`${this.localName} has nothing to fetch`);
  }
}

// A custom element in the light DOM that draws itself again when a signal it read has changed.
import { render } from '../vendor/lit/lit.js';
import { effect } from '../vendor/signals/signals.js';

export class View extends HTMLElement {
  /** @type {(() => void)[]} */
  #stops = [];

  connectedCallback() {
    this.replaceChildren(); // what the page says before its scripts have come
    this.watch(() => render(this.view(), this));
  }

  disconnectedCallback() {
    for (const stop of this.#stops.splice(0)) stop();
  }

  /** Run now and whenever a signal it read changes, until the element leaves the page. @param {() => void} work */
  watch(work) {
    this.#stops.push(effect(() => void work()));
  }

  /** @returns {unknown} */
  view() {
    throw new Error(`${this.localName} has no view`);
  }
}

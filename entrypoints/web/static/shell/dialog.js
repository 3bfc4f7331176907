// A modal dialog drawn while it is open. The browser keeps the focus inside and hands it back; Esc closes it.
import { html, nothing, render } from '../vendor/lit/lit.js';
import { words } from '../format/language.js';
import { close } from './icons.js';
import { stylesheet } from './stylesheet.js';
import { View } from './view.js';

await stylesheet('later');

export class Dialog extends View {
  #element = document.createElement('dialog');
  #wanted = false;
  /** Whether the button went down outside of what it shows: a text that is marked may end there. */
  #pressedOutside = false;

  connectedCallback() {
    this.append(this.#element);
    this.#element.addEventListener('close', () => this.shut());
    this.#element.addEventListener('pointerdown', (event) => (this.#pressedOutside = event.target === this.#element));
    this.#element.addEventListener('click', (event) => {
      if (event.target === this.#element && this.#pressedOutside) this.#element.close();
    });
    this.watch(() => {
      const content = this.view();
      this.#wanted = content !== nothing;
      render(this.#wanted ? this.#frame(content) : nothing, this.#element);
      if (!this.#wanted && this.#element.open) this.#element.close();
      // Another one that closes by the same change hands the focus back first.
      if (this.#wanted && !this.#element.open) queueMicrotask(() => this.#show());
    });
  }

  #show() {
    if (this.#wanted && !this.#element.open) this.#element.showModal();
  }

  /** @param {unknown} content */
  #frame(content) {
    const w = words.value;
    const title = this.heading();
    this.#element.setAttribute('aria-label', title);
    return html`<div class="dialog">
      <header class="dialog-head">
        <h2>${title}</h2>
        <button class="tool" @click=${() => this.#element.close()}>${close}<span class="sr">${w.close}</span></button>
      </header>
      <div class="dialog-body" tabindex="0" role="region" aria-label=${title}>${content}</div>
    </div>`;
  }

  /** Its title. @returns {string} */
  heading() {
    throw new Error(`${this.localName} has no heading`);
  }

  /** It was closed: forget why it was open. */
  shut() {}
}

// <cv-sheet>: the dialog of the admin pages: a form, something in full, or a question before what cannot be undone.
import { html, nothing } from '../vendor/lit/lit.js';
import { signal } from '../vendor/signals/signals.js';
import { Dialog } from '../shell/dialog.js';
import { adminWords } from './words.js';

/** @typedef {{title: string, view: () => unknown, shut?: () => void, once?: boolean}} Content  `once`: it closes by its own button alone */

export const sheet = signal(/** @type {Content | null} */ (null));

class Sheet extends Dialog {
  connectedCallback() {
    super.connectedCallback();
    const hold = (/** @type {Event} */ event) => sheet.peek()?.once && event.preventDefault();
    this.querySelector('dialog')?.addEventListener('cancel', hold);
    // A second Esc would pass by a cancel that was prevented. The focus may be on the page's body.
    document.addEventListener('keydown', (event) => event.key === 'Escape' && hold(event));
    // Beside the dialog, before it hears of it.
    this.addEventListener('click', (event) => sheet.peek()?.once && event.target === this.querySelector('dialog') && event.stopPropagation(), true);
  }

  heading() {
    return sheet.value?.title ?? '';
  }

  shut() {
    if (this.querySelector('dialog')?.open) return; // something else has been opened since
    const was = sheet.peek();
    sheet.value = null;
    was?.shut?.();
  }

  view() {
    return sheet.value ? sheet.value.view() : nothing;
  }
}

customElements.define('cv-sheet', Sheet);

/**
 * Whether the reader means it. Where `typed` is given, he must type it first.
 * @param {{title: string, text: string, action: string, typed?: string}} question @returns {Promise<boolean>}
 */
export function confirmed({ title, text, action, typed = '' }) {
  const written = signal('');
  return new Promise((resolve) => {
    const done = (/** @type {boolean} */ meant) => {
      sheet.value = null;
      resolve(meant);
    };
    const view = () => {
      const t = adminWords.value;
      const ready = written.value.trim() === typed;
      return html`<form class="sheet-form" novalidate @submit=${(/** @type {Event} */ event) => (event.preventDefault(), ready && done(true))}>
        <p>${text}</p>
        ${typed
          ? html`<div class="field"><label for="typed">${t.typeToConfirm(typed)}</label><input id="typed" type="text" autocomplete="off" spellcheck="false" .value=${written.value} @input=${(/** @type {Event} */ event) => (written.value = /** @type {HTMLInputElement} */ (event.target).value)} /></div>`
          : nothing}
        <div class="form-foot"><button class="button" type="button" @click=${() => done(false)}>${t.cancel}</button><button class="button danger" ?disabled=${!ready}>${action}</button></div>
      </form>`;
    };
    sheet.value = { title, view, shut: () => resolve(false) };
  });
}

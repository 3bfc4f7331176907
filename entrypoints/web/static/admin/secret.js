// What is shown once: a key, with a button that copies it.
import { html } from '../vendor/lit/lit.js';
import { signal } from '../vendor/signals/signals.js';
import { sheet } from './sheet.js';
import { adminWords } from './words.js';

/** @param {string} title @param {string} meaning @param {string} text */
export function secretShown(title, meaning, text) {
  const copied = signal('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      copied.value = adminWords.peek().copied;
    } catch {
      copied.value = adminWords.peek().notCopied; // browsers refuse on plain http beyond this machine
    }
  };
  const view = () => {
    const t = adminWords.value;
    return html`<p>${meaning}</p>
      <div class="secret"><input type="text" readonly aria-label=${title} .value=${text} @focus=${(/** @type {Event} */ event) => /** @type {HTMLInputElement} */ (event.target).select()} /><button class="button primary" @click=${copy}>${t.copy}</button></div>
      <p class="quiet" role="status">${copied.value}</p>
      <div class="form-foot"><button class="button" @click=${() => (sheet.value = null)}>${t.haveKept}</button></div>`;
  };
  sheet.value = { title, view, once: true };
}

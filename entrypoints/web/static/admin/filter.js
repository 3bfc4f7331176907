// A text that narrows a list, once one has stopped typing.
import { html } from '../vendor/lit/lit.js';

const PAUSE_MS = 300;
let timer = 0;

/** @param {string} name @param {{value: string}} text @param {() => void} changed @param {'search' | 'datetime-local'} [type] */
export function filterField(name, text, changed, type = 'search') {
  const write = (/** @type {Event} */ event) => {
    text.value = /** @type {HTMLInputElement} */ (event.target).value.trim();
    clearTimeout(timer);
    timer = setTimeout(changed, PAUSE_MS);
  };
  return html`<label class="inline-field">${name}<input class="filter" type=${type} autocomplete="off" spellcheck="false" .value=${text.value} @input=${write} /></label>`;
}

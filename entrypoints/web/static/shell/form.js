// A field of a form: its label, what it means, and what is wrong with it, tied together for those who listen.
import { html, nothing } from '../vendor/lit/lit.js';

/** @typedef {{id: string, describedBy: string, invalid: 'true' | 'false'}} FieldAttributes  for the control itself */

/**
 * @param {string} id @param {string} label @param {{hint: string, fault: string | null}} notes
 * @param {(attributes: FieldAttributes) => unknown} control
 */
export function field(id, label, { hint, fault }, control) {
  return html`<div class="field ${fault ? 'wrong' : ''}">
    <label for=${id}>${label}</label>
    ${control({ id, describedBy: `${id}-hint ${id}-fault`, invalid: fault ? 'true' : 'false' })}
    <p class="quiet" id="${id}-hint">${hint}</p>
    <p class="inline-error" id="${id}-fault" role="alert">${fault ?? nothing}</p>
  </div>`;
}

/** @param {[string, string][]} choices value and name of each @param {string} chosen */
export const options = (choices, chosen) => choices.map(([value, name]) => html`<option value=${value} .selected=${value === chosen}>${name}</option>`);

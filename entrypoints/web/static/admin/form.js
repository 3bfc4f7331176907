// A form in the sheet: fields by name, each with what is wrong with it, and what is done with them.
import { html, nothing } from '../vendor/lit/lit.js';
import { signal } from '../vendor/signals/signals.js';
import { field, options } from '../shell/form.js';
import { ApiError } from '../stream/api.js';
import { notice } from './command.js';
import { sheet } from './sheet.js';
import { adminWords } from './words.js';

/** @typedef {Record<string, string>} Values */
/** @typedef {{name: string, label: string, hint?: string, type?: 'text' | 'password' | 'datetime-local', choices?: [string, string][], autocomplete?: AutoFill}} Field */

/**
 * Opens it. `fields` may depend on what is chosen so far; `work` raises ApiError, whose `field` names the field at fault.
 * @param {{title: string, action: string, values: Values, fields: (values: Values) => Field[], work: (values: Values) => Promise<unknown>, done?: () => void}} how
 */
export function openForm({ title, action, values: begun, fields, work, done }) {
  const values = signal(begun);
  const busy = signal(false);
  const fault = signal(/** @type {{field: string | null, text: string} | null} */ (null));

  async function submit() {
    if (busy.peek()) return;
    busy.value = true;
    fault.value = null;
    notice.value = null; // what the command before came to
    const mine = sheet.peek();
    try {
      await work(values.peek());
      if (sheet.peek() === mine) sheet.value = null;
      done?.();
    } catch (error) {
      const name = error instanceof ApiError ? (error.body?.field ?? null) : null;
      fault.value = { field: name, text: error instanceof Error ? error.message : String(error) };
    } finally {
      busy.value = false;
    }
  }

  function view() {
    const shown = fields(values.value);
    const wrong = fault.value;
    const unplaced = wrong && !shown.some((one) => one.name === wrong.field);
    return html`<form class="sheet-form" novalidate @submit=${(/** @type {Event} */ event) => (event.preventDefault(), void submit())}>
      ${shown.map((one) => field(`form-${one.name}`, one.label, { hint: one.hint ?? '', fault: wrong?.field === one.name ? wrong.text : null }, (attributes) => control(one, attributes)))}
      ${unplaced ? html`<p class="inline-error" role="alert">${wrong.text}</p>` : nothing}
      <div class="form-foot">
        <button class="button" type="button" @click=${() => (sheet.value = null)}>${adminWords.value.cancel}</button>
        <button class="button primary" ?disabled=${busy.value}>${action}</button>
      </div>
    </form>`;
  }

  /** @param {Field} one @param {import('../shell/form.js').FieldAttributes} attributes */
  function control({ name, type = 'text', choices, autocomplete = 'off' }, { id, describedBy, invalid }) {
    const write = (/** @type {Event} */ event) => (values.value = { ...values.peek(), [name]: /** @type {HTMLInputElement} */ (event.target).value });
    const value = values.value[name] ?? '';
    if (choices) return html`<select id=${id} aria-describedby=${describedBy} aria-invalid=${invalid} @change=${write}>${options(choices, value)}</select>`;
    return html`<input id=${id} type=${type} autocomplete=${autocomplete} spellcheck="false" aria-describedby=${describedBy} aria-invalid=${invalid} .value=${value} @input=${write} />`;
  }

  sheet.value = { title, view };
}

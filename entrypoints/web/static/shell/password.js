// The form in which one changes one's own password; the account dialog shows it.
import { html, nothing } from '../vendor/lit/lit.js';
import { signal } from '../vendor/signals/signals.js';
import { accountWords } from '../format/account-words.js';
import { ApiError, send } from '../stream/api.js';
import { field } from './form.js';

/** @typedef {'current_password' | 'new_password'} Name */

const plainly = signal(false);
const busy = signal(false);
const fault = signal(/** @type {{field: string | null, text: string} | null} */ (null));

/** Begin afresh at the next time. */
export function forgetPasswords() {
  plainly.value = false;
  fault.value = null;
}

/** @param {SubmitEvent} event @param {() => void} done */
async function submit(event, done) {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const given = new FormData(form);
  const [current, fresh] = /** @type {Name[]} */ (['current_password', 'new_password']).map((name) => String(given.get(name) ?? ''));
  if (busy.peek()) return;
  fault.value = null;
  busy.value = true;
  try {
    if (!current || !fresh) throw new ApiError(0, accountWords.peek().bothNeeded, { field: current ? 'new_password' : 'current_password' });
    await send('PUT', 'admin/session/password', { current_password: current, new_password: fresh });
    forgetPasswords();
    done();
  } catch (error) {
    const name = error instanceof ApiError ? (error.body?.field ?? null) : null;
    fault.value = { field: name, text: error instanceof Error ? error.message : String(error) };
    const wrong = name && form.elements.namedItem(name);
    if (wrong instanceof HTMLInputElement) wrong.focus();
  } finally {
    busy.value = false;
  }
}

/** @param {string} user whose password it is @param {{done: () => void, cancel: () => void}} then */
export function passwordForm(user, { done, cancel }) {
  const a = accountWords.value;
  const wrong = fault.value;
  const input = (/** @type {Name} */ name, /** @type {string} */ label, /** @type {string} */ hint, /** @type {AutoFill} */ autocomplete) =>
    field(
      name,
      label,
      { hint, fault: wrong?.field === name ? wrong.text : null },
      ({ id, describedBy, invalid }) => html`<input id=${id} name=${name} type=${plainly.value ? 'text' : 'password'} autocomplete=${autocomplete} autocapitalize="none" spellcheck="false" aria-describedby=${describedBy} aria-invalid=${invalid} />`,
    );
  // The name is for password managers: they save the new one under it.
  return html`<form class="sign-in" novalidate @submit=${(/** @type {SubmitEvent} */ event) => void submit(event, done)}>
    <input name="username" type="text" autocomplete="username" .value=${user} hidden />
    ${input('current_password', a.currentPassword, '', 'current-password')} ${input('new_password', a.newPassword, a.passwordRule, 'new-password')}
    <label class="switch"><input type="checkbox" .checked=${plainly.value} @change=${() => (plainly.value = !plainly.value)} />${a.showPasswords}</label>
    ${wrong && !wrong.field ? html`<p class="inline-error" role="alert">${wrong.text}</p>` : nothing}
    <div class="form-foot">
      <button class="button" type="button" @click=${cancel}>${a.cancel}</button>
      <button class="button primary" ?disabled=${busy.value}>${a.changePassword}</button>
    </div>
  </form>`;
}

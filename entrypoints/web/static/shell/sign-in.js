// The form in which one signs in: in a dialog, and as a page where nothing else can be shown.
import { html } from '../vendor/lit/lit.js';
import { signal } from '../vendor/signals/signals.js';
import { accountWords } from '../format/account-words.js';
import { signIn } from './signing.js';

const plainly = signal(false);
const busy = signal(false);
const fault = signal(/** @type {string | null} */ (null));

/** @param {SubmitEvent} event @param {(name: string, password: string) => Promise<void>} enter @param {() => void} done */
async function submit(event, enter, done) {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const given = new FormData(form);
  const [name, password] = [String(given.get('username') ?? '').trim(), String(given.get('password') ?? '')];
  if (busy.peek()) return;
  if (!name || !password) {
    fault.value = accountWords.peek().needed;
    return;
  }
  busy.value = true;
  fault.value = null;
  try {
    await enter(name, password);
    form.reset();
    plainly.value = false;
    done();
  } catch (error) {
    fault.value = error instanceof Error ? error.message : String(error);
    form.querySelector('input')?.focus();
  } finally {
    busy.value = false;
  }
}

/** @param {() => void} done */
export const signInForm = (done = () => {}) =>
  accountForm({ action: accountWords.value.signIn, meaning: accountWords.value.noAccount, fresh: false, enter: signIn, done });

/**
 * `fresh`: the password is made here, not known already.
 * @param {{action: string, meaning: string, fresh: boolean, enter: (name: string, password: string) => Promise<void>, done?: () => void}} how
 */
export function accountForm({ action, meaning, fresh, enter, done = () => {} }) {
  const a = accountWords.value;
  return html`<form class="sign-in" novalidate @submit=${(/** @type {SubmitEvent} */ event) => void submit(event, enter, done)}>
    <div class="field">
      <label for="account-name">${a.name}</label>
      <input id="account-name" name="username" type="text" autocomplete="username" autocapitalize="none" spellcheck="false" aria-describedby="account-fault" aria-invalid=${fault.value ? 'true' : 'false'} />
    </div>
    <div class="field">
      <label for="account-password">${a.password}</label>
      <input id="account-password" name="password" type=${plainly.value ? 'text' : 'password'} autocomplete=${fresh ? 'new-password' : 'current-password'} autocapitalize="none" spellcheck="false"
        aria-describedby="account-fault" aria-invalid=${fault.value ? 'true' : 'false'} />
    </div>
    <label class="switch"><input type="checkbox" .checked=${plainly.value} @change=${() => (plainly.value = !plainly.value)} />${a.showPassword}</label>
    <p class="inline-error" id="account-fault" role="alert">${fault.value}</p>
    <button class="button primary" ?disabled=${busy.value}>${action}</button>
    <p class="quiet">${meaning}</p>
  </form>`;
}

// <cv-account>: sign in; or who is signed in, another password, the way to the admin pages, and out.
import { html, nothing } from '../vendor/lit/lit.js';
import { signal } from '../vendor/signals/signals.js';
import { accountWords } from '../format/account-words.js';
import { full } from '../format/time.js';
import { account, accountShown, known } from './account.js';
import { Dialog } from './dialog.js';
import { forgetPasswords, passwordForm } from './password.js';
import { signInForm } from './sign-in.js';
import { signOut } from './signing.js';
import { stylesheet } from './stylesheet.js';

await Promise.all([stylesheet('tools'), known]);

const fault = signal(/** @type {string | null} */ (null));
const changing = signal(false);
const told = signal('');

class AccountDialog extends Dialog {
  heading() {
    const a = accountWords.value;
    if (!account.value) return a.signIn;
    return changing.value ? a.changePassword : a.account;
  }

  shut() {
    accountShown.value = false;
    fault.value = null;
    changing.value = false;
    told.value = '';
    forgetPasswords();
  }

  view() {
    if (!accountShown.value) return nothing;
    const a = accountWords.value;
    const user = account.value;
    if (!user) return html`<p>${a.signInMeaning}</p>${signInForm(() => (accountShown.value = false))}`;
    return html`<div role="status">${told.value ? html`<p>${told.value}</p>` : nothing}</div>
      ${changing.value ? passwordForm(user.name, { done: () => this.#changed(a.passwordChanged), cancel: () => this.#changed('') }) : this.#overview(user)}`;
  }

  /** @param {import('./account.js').Account} user */
  #overview(user) {
    const a = accountWords.value;
    return html`<p>${a.signedIn(user.name, a.roles[user.role])}</p>
      <p class="quiet">${a.until(full(user.expires_at))}</p>
      ${fault.value ? html`<p class="inline-error" role="alert">${fault.value}</p>` : nothing}
      <div class="form-foot">
        <a class="button" href="/admin">${a.administration}</a>
        <button class="button change-password" @click=${this.#change}>${a.changePassword}</button>
        <button class="button" @click=${this.#signOut}>${a.signOut}</button>
      </div>`;
  }

  #change = () => {
    told.value = '';
    changing.value = true;
    this.#focus('[name=current_password]');
  };

  /** @param {string} said */
  #changed(said) {
    forgetPasswords();
    changing.value = false;
    told.value = said;
    this.#focus('.change-password');
  }

  /** What had the focus is gone. @param {string} selector */
  #focus(selector) {
    const found = this.querySelector(selector);
    if (found instanceof HTMLElement) found.focus();
  }

  async #signOut() {
    try {
      await signOut();
    } catch (error) {
      fault.value = error instanceof Error ? error.message : String(error);
    }
  }
}

customElements.define('cv-account', AccountDialog);

// <cv-admin>: head, menu and the open page; or the form to sign in, where nobody is.
import { html, nothing } from '../vendor/lit/lit.js';
import { signal } from '../vendor/signals/signals.js';
import { accountWords } from '../format/account-words.js';
import { LANGUAGES, words } from '../format/language.js';
import { zoneLabel } from '../format/time.js';
import { account, accountShown, may } from '../shell/account.js';
import { brand, list, moon, person, sun } from '../shell/icons.js';
import { language, zone } from '../shell/settings.js';
import { accountForm, signInForm } from '../shell/sign-in.js';
import { setUp } from '../shell/signing.js';
import { shade, toggleTheme } from '../shell/theme.js';
import { View } from '../shell/view.js';
import { notice } from './command.js';
import { GROUPS, LOAD, NEEDS, page, setupToken } from './route.js';
import { adminWords } from './words.js';

/** @typedef {import('./route.js').PageName} PageName */

const menuOpen = signal(false);
const loadFault = signal(/** @type {string | null} */ (null));

class Frame extends View {
  /** The element of the open page; a new one for each visit, so that it begins afresh. @type {{name: PageName, element: HTMLElement} | null} */
  #open = null;

  connectedCallback() {
    super.connectedCallback();
    this.watch(() => {
      const t = adminWords.value;
      document.title = `${account.value ? t.pages[page.value] : accountWords.value.signIn} · CryptoViz`;
    });
    this.watch(() => {
      void page.value;
      menuOpen.value = false;
      notice.value = null;
    });
  }

  view() {
    const inside = account.value || accountShown.value; // who must sign in anew keeps what he has begun
    return html`<a class="skip" href="#admin-main" @click=${this.#skip}>${adminWords.value.skip}</a>${this.#head()}
      ${inside ? html`<div class="admin-body">${this.#menu()}<main id="admin-main" tabindex="-1">${this.#page()}</main></div>` : this.#outside()}`;
  }

  /** @param {Event} event */
  #skip(event) {
    event.preventDefault(); // the address says which page is open
    document.getElementById('admin-main')?.focus();
  }

  #head() {
    const w = words.value;
    const a = accountWords.value;
    const t = adminWords.value;
    const user = account.value;
    const next = /** @type {keyof typeof LANGUAGES} */ (w.code === 'en' ? 'fr' : 'en');
    return html`<header class="admin-head">
      ${user ? html`<button class="tool square menu-button" aria-expanded=${menuOpen.value} aria-controls="admin-menu" @click=${() => (menuOpen.value = !menuOpen.value)}>${list}<span class="sr">${t.menu}</span></button>` : nothing}
      <h1 class="brand">${brand}<span>CryptoViz</span> <span class="quiet">${a.administration}</span></h1>
      <span class="push"></span>
      <a class="tool" href="/">${t.dashboard}</a>
      <button class="tool zone" title=${w.zoneTitle} @click=${() => (zone.value = zone.value === 'utc' ? 'local' : 'utc')}><span class="sr">${w.zoneTitle} </span>${zoneLabel.value}</button>
      <button class="tool language" lang=${next} title=${LANGUAGES[next]} @click=${() => (language.value = next)}><span aria-hidden="true">${w.code.toUpperCase()}</span><span class="sr">${LANGUAGES[next]}</span></button>
      <button class="tool square" title=${w.themeTitle} @click=${toggleTheme}>${shade.value === 'dark' ? moon : sun}<span class="sr">${w.themeTitle}</span></button>
      ${user ? html`<button class="tool account" title=${a.account} @click=${() => (accountShown.value = true)}>${person}<span class="wide-only">${user.name}</span><span class="sr"> ${a.roles[user.role]}</span></button>` : nothing}
    </header>`;
  }

  #menu() {
    const t = adminWords.value;
    const link = (/** @type {PageName} */ name) => html`<li><a href="#${name}" aria-current=${page.value === name ? 'page' : 'false'} @click=${() => (menuOpen.value = false)}>${t.pages[name]}</a></li>`;
    return html`<nav id="admin-menu" class="admin-menu ${menuOpen.value ? 'open' : ''}" aria-label=${t.menu}>
      ${Object.entries(GROUPS).map(([group, names]) => html`<h2>${t.groups[/** @type {keyof typeof GROUPS} */ (group)]}</h2><ul>${names.map(link)}</ul>`)}
    </nav>`;
  }

  #page() {
    const t = adminWords.value;
    const name = page.value;
    const needs = NEEDS[name] ?? 'viewer';
    if (account.value && !may(needs)) return html`${this.#title(name)}<p class="admin-note">${t.takesRole(accountWords.value.roles[needs])}</p>`;
    if (this.#open?.name !== name) {
      this.#open = { name, element: document.createElement(`cv-admin-${name}`) };
      loadFault.value = null;
      LOAD[name]().catch((error) => (loadFault.value = String(error)));
    }
    const told = notice.value;
    const role = account.value?.role;
    return html`${this.#title(name)}
      ${role === 'viewer' ? html`<p class="admin-note">${t.onlyLooking}</p>` : nothing}
      <div role="status">${told ? html`<p class="admin-note ${told.kind}">${told.text}<button class="tool small" @click=${() => (notice.value = null)}>${words.value.close}</button></p>` : nothing}</div>
      ${loadFault.value ? html`<p class="admin-note failed">${loadFault.value}</p>` : nothing}
      ${this.#open.element}`;
  }

  /** @param {PageName} name */
  #title(name) {
    const t = adminWords.value;
    return html`<div class="admin-title"><h2>${t.pages[name]}</h2><p class="quiet">${t.meanings[name]}</p></div>`;
  }

  #outside() {
    const a = accountWords.value;
    const t = adminWords.value;
    const token = setupToken.value;
    if (token === null) return html`<main id="admin-main" class="admin-outside" tabindex="-1"><h2>${a.signIn}</h2>${signInForm()}</main>`;
    const form = accountForm({
      action: t.makeFirst,
      meaning: a.passwordRule,
      fresh: true,
      enter: (name, password) => setUp(token, name, password),
      done: () => (setupToken.value = null),
    });
    return html`<main id="admin-main" class="admin-outside" tabindex="-1">
      <h2>${t.firstUser}</h2>
      <p>${t.firstUserMeaning}</p>
      ${form}
      <p><button class="plain" @click=${() => (setupToken.value = null)}>${t.haveAccount}</button></p>
    </main>`;
  }
}

customElements.define('cv-admin', Frame);

// <cv-header>: the brand, whose data this is, and what the reader can set.
import { html, nothing } from '../vendor/lit/lit.js';
import { LANGUAGES, words } from '../format/language.js';
import { zoneLabel } from '../format/time.js';
import { account, accountShown } from './account.js';
import { condition } from './condition.js';
import { brand, glass, list, moon, paper, person, pulse, sliders, sun } from './icons.js';
import { dialog, drawer } from './layout-state.js';
import { origin } from './server-state.js';
import { language, zone } from './settings.js';
import { shade, toggleTheme } from './theme.js';
import { View } from './view.js';

class Header extends View {
  view() {
    const w = words.value;
    const next = /** @type {keyof typeof LANGUAGES} */ (w.code === 'en' ? 'fr' : 'en');
    return html`<div class="bar">
      <h1 class="brand">${brand}<span>CryptoViz</span></h1>
      ${this.#pill()}
      <span class="push"></span>
      <button class="tool search-button" title=${w.search} @click=${() => (dialog.value = 'search')}>${glass}<span class="wide-only">${w.search}</span> <kbd class="wide-only" aria-hidden="true">/</kbd></button>
      ${this.#drawer('left', w.watchlist, list)} ${this.#drawer('right', w.news, paper)}
      <button class="tool zone" title=${w.zoneTitle} @click=${() => (zone.value = zone.value === 'utc' ? 'local' : 'utc')}>
        <span class="sr">${w.zoneTitle} </span>${zoneLabel.value}
      </button>
      <button class="tool language" lang=${next} title=${LANGUAGES[next]} @click=${() => (language.value = next)}>
        <span aria-hidden="true">${w.code.toUpperCase()}</span><span class="sr">${LANGUAGES[next]}</span>
      </button>
      <button class="tool square theme" title=${w.themeTitle} @click=${toggleTheme}>${shade.value === 'dark' ? moon : sun}<span class="sr">${w.themeTitle}</span></button>
      <button class="tool square" title=${w.settings} @click=${() => (dialog.value = 'settings')}>${sliders}<span class="sr">${w.settings}</span></button>
      ${this.#account()}
      <button class="tool square help" title=${w.help} @click=${() => (dialog.value = 'help')}><span aria-hidden="true">?</span><span class="sr">${w.help}</span></button>
    </div>`;
  }

  #pill() {
    const w = words.value;
    const from = origin.value;
    if (!from) return nothing;
    const how = condition.value;
    const text = [from === 'live' && how !== 'live' ? '' : w.origin[from], how === 'live' ? '' : w.condition[how]].filter(Boolean).join(' · ');
    return html`<p class="origin ${from} ${how === 'live' ? '' : 'halted'}" title=${w.originTitle[from]}>${pulse}<span>${text}</span><span class="sr">: ${w.originTitle[from]}</span></p>`;
  }

  /** Who is signed in, or that one can be. */
  #account() {
    const w = words.value;
    const name = account.value?.name;
    return html`<button class="tool account" title=${name ? w.signedInAs(name) : w.signIn} @click=${() => (accountShown.value = true)}>
      ${person}<span class="wide-only" aria-hidden="true">${name ?? w.signIn}</span><span class="sr">${name ? w.signedInAs(name) : w.signIn}</span>
    </button>`;
  }

  /** @param {'left' | 'right'} side @param {string} name @param {unknown} icon */
  #drawer(side, name, icon) {
    const open = drawer.value === side;
    return html`<button class="tool drawer-button" aria-expanded=${open} aria-controls=${side} @click=${() => (drawer.value = open ? null : side)}>${icon} ${name}</button>`;
  }
}

customElements.define('cv-header', Header);

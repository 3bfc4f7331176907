// <cv-settings>: what the reader can set, kept in this browser.
import { html, nothing } from '../vendor/lit/lit.js';
import { LANGUAGES, words } from '../format/language.js';
import { signed } from '../format/number.js';
import { tools } from '../format/tool-words.js';
import { arrow } from './icons.js';
import { Dialog } from './dialog.js';
import { dialog } from './layout-state.js';
import { colours, language, shortcuts, theme, zone } from './settings.js';
import { stylesheet } from './stylesheet.js';

await stylesheet('tools');

/** @template {string} T @param {string} name @param {{value: T}} setting @param {Record<T, unknown>} choices */
function choice(name, setting, choices) {
  const options = /** @type {[T, unknown][]} */ (Object.entries(choices));
  return html`<fieldset>
    <legend>${name}</legend>
    ${options.map(
      ([value, text]) => html`<label><input type="radio" name=${name} .checked=${setting.value === value} @change=${() => (setting.value = value)} />${text}</label>`,
    )}
  </fieldset>`;
}

class Settings extends Dialog {
  heading() {
    return words.value.settings;
  }

  shut() {
    if (dialog.peek() === 'settings') dialog.value = null;
  }

  view() {
    if (dialog.value !== 'settings') return nothing;
    const w = words.value;
    const t = tools.value;
    return html`
      <div class="settings">
        ${choice(t.theme, theme, t.themes)} ${choice(t.colours, colours, t.colourSchemes)} ${choice(t.language, language, { auto: t.asBrowser, ...LANGUAGES })}
        ${choice(t.zone, zone, t.zones)}
      </div>
      <p class="colour-sample" aria-hidden="true"><span class="up">${arrow(1)} ${w.percent(signed('1.84'))}</span> <span class="down">${arrow(-1)} ${w.percent(signed('-0.92'))}</span></p>
      <label class="switch"><input type="checkbox" .checked=${shortcuts.value} @change=${() => (shortcuts.value = !shortcuts.value)} />${w.keysOn}</label>
      <p class="quiet">${t.settingsKept}</p>
      <p><button class="button" @click=${() => (dialog.value = 'help')}>${w.help}</button></p>`;
  }
}

customElements.define('cv-settings', Settings);

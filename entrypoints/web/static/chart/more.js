// <cv-chart-more>: what else can be laid over the candles, and saving them.
import { html, nothing } from '../vendor/lit/lit.js';
import { words } from '../format/language.js';
import { chartWords } from '../format/chart-words.js';
import { overlays } from '../shell/settings.js';
import { View } from '../shell/view.js';
import { stylesheet } from '../shell/stylesheet.js';
import { saveCandles, savePicture } from './save.js';
import { moreAsked } from './toolbar.js';
import { tooMany } from './trades-in-sight.js';

await stylesheet('chart-more');

const GAP_PX = 4;

class ChartMore extends View {
  /** It comes because its button was pressed. */
  connectedCallback() {
    super.connectedCallback();
    if (!moreAsked.peek()) return;
    /** @type {HTMLElement | null} */ (this.querySelector('[popover]'))?.showPopover();
    this.querySelector('button')?.focus();
  }

  view() {
    const t = chartWords.value;
    return html`
      <button class="tool" popovertarget="chart-more" aria-haspopup="true">${words.value.more}</button>
      <div id="chart-more" class="more" popover role="group" aria-label=${t.laidOver} @toggle=${(/** @type {ToggleEvent} */ event) => this.#place(event)}>
        ${this.#overlay('averages', t.averages)} ${this.#overlay('forecast', t.forecastCone)}
        ${this.#overlay('gaps', t.gapsInData)} ${this.#overlay('trades', t.singleTrades)}
        ${overlays.trades.value && tooMany.value ? html`<p class="quiet">${t.zoomForTrades}</p>` : nothing}
        <hr />
        <button class="plain" @click=${savePicture}>${t.savePicture}</button>
        <button class="plain" @click=${saveCandles}>${t.saveTable}</button>
      </div>`;
  }

  /** @param {keyof typeof overlays} key @param {string} name */
  #overlay(key, name) {
    const on = overlays[key];
    return html`<label><input type="checkbox" .checked=${on.value} @change=${() => (on.value = !on.value)} />${name}</label>`;
  }

  /** Under its button, and within the window. @param {ToggleEvent} event */
  #place(event) {
    const panel = /** @type {HTMLElement} */ (event.currentTarget);
    if (event.newState !== 'open') return;
    const { left, bottom } = this.getBoundingClientRect();
    panel.style.setProperty('left', `${Math.max(GAP_PX, Math.min(left, innerWidth - panel.offsetWidth - GAP_PX))}px`);
    panel.style.setProperty('top', `${bottom + GAP_PX}px`);
  }
}

customElements.define('cv-chart-more', ChartMore);

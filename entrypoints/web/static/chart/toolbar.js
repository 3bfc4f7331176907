// <cv-toolbar>: the interval, what is laid over the candles, and the table in place of the chart.
import { html } from '../vendor/lit/lit.js';
import { signal } from '../vendor/signals/signals.js';
import { words } from '../format/language.js';
import { comparing, interval, intervals } from '../market/pairs.js';
import { overlays } from '../shell/settings.js';
import { View } from '../shell/view.js';
import { machineShown } from '../time-machine/clock.js';

/** Whether the table stands in the chart's place. */
export const tableShown = signal(false);
/** Whether the menu of all else was asked for. */
export const moreAsked = signal(false);
/** Compare with other pairs, or stop. */
export const toggleComparing = () => (comparing.value = comparing.peek() ? null : 'percent');

class Toolbar extends View {
  view() {
    const w = words.value;
    return html`<div class="toolbar" role="toolbar" tabindex="0" aria-label=${w.toolbar}>
      <div class="intervals" role="group" aria-label=${w.interval}>
        ${intervals.value.map(
          (step) => html`<button class="tool" aria-pressed=${step === interval.value} @click=${() => (interval.value = step)}>${step}</button>`,
        )}
      </div>
      <div class="overlays" role="group" aria-label=${w.overlays}>
        ${this.#overlay('news', w.news)} ${this.#overlay('alerts', w.alerts)} ${this.#overlay('vwap', w.vwap)}
      </div>
      <cv-chart-more><button class="tool" aria-haspopup="true" @click=${() => (moreAsked.value = true)}>${w.more}</button></cv-chart-more>
      <button class="tool" aria-pressed=${machineShown.value} @click=${() => (machineShown.value = !machineShown.value)}>${w.timeMachine}</button>
      <button class="tool compare-toggle" aria-pressed=${comparing.value !== null} @click=${toggleComparing}>${w.compare}</button>
      <button class="tool table-toggle" aria-pressed=${tableShown.value} @click=${() => (tableShown.value = !tableShown.value)}>${w.table}</button>
    </div>`;
  }

  /** @param {keyof typeof overlays} key @param {string} name */
  #overlay(key, name) {
    const on = overlays[key];
    return html`<button class="tool overlay" aria-pressed=${on.value} @click=${() => (on.value = !on.value)}>
      <span class="swatch ${key}" aria-hidden="true"></span>${name}
    </button>`;
  }
}

customElements.define('cv-toolbar', Toolbar);

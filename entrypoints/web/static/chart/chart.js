// <cv-chart>: the drawing with what stands on it in words: legend, cursor, loading, empty, failed.
import { html, noChange, nothing } from '../vendor/lit/lit.js';
import { computed, signal, untracked } from '../vendor/signals/signals.js';
import { words } from '../format/language.js';
import { priced, quantity } from '../format/number.js';
import { full } from '../format/time.js';
import { candlesRemote, loadingOlder, revision, shown } from '../market/candles.js';
import { comparing } from '../market/pairs.js';
import { digitsOf } from '../market/quotes.js';
import { trouble } from '../shell/trouble.js';
import { View } from '../shell/view.js';
import { tableBeat } from '../stream/inbox.js';
import { notes } from './bar-notes.js';
import { Plot } from './plot.js';
import { tableShown } from './toolbar.js';

const empty = computed(() => {
  void revision.value;
  return !shown.value.book.size;
});

export class Chart extends View {
  /** @type {Plot | null} */
  #plot = null;
  #drawn = signal(false);
  /** Which bar was read out, with its notes. */
  #read = '';

  connectedCallback() {
    super.connectedCallback();
    this.watch(() => {
      if (!empty.value || candlesRemote.state.value.phase !== 'loading') this.#begin(); // an empty chart would be drawn in vain, and keep the full one waiting
    });
  }

  #begin() {
    if (this.#plot) return;
    this.#plot = untracked(() => new Plot(/** @type {HTMLElement} */ (this.querySelector('.chart-host'))));
    this.#drawn.value = true;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#plot?.remove();
    this.#plot = null;
  }

  /** Keys that move and scale the chart. @param {KeyboardEvent} event */
  key(event) {
    return this.#plot?.key(event) ?? false;
  }

  picture() {
    return this.#plot?.picture();
  }

  /** The times in sight, in UTC seconds. */
  sight() {
    return this.#plot?.sight() ?? null;
  }

  /** The bar under the cursor, else the newest: in words it changes no oftener than a table. */
  #bar() {
    void tableBeat.value;
    const { book } = shown.value;
    const pointed = this.#drawn.value ? (this.#plot?.pointed.value ?? null) : null;
    const start = pointed ?? book.last;
    return { pointed: pointed !== null, start, row: start === undefined ? undefined : book.at(start) };
  }

  view() {
    const w = words.value;
    const { pair, interval } = shown.value;
    this.inert = tableShown.value || comparing.value !== null; // it is covered
    return html`
      <div class="chart-host" tabindex="0" role="group" aria-roledescription=${w.chart} aria-label=${w.chartOf(pair, interval)}
        aria-describedby="chart-keys" @blur=${() => this.#plot?.clearCursor()}></div>
      <div class="legend">${this.#legend()}</div>
      <a class="attribution" href="https://www.tradingview.com/" target="_blank" rel="noopener noreferrer">${w.chartsBy}</a>
      <p class="sr" id="chart-keys">${w.chartKeys}</p>
      <p class="sr" aria-live="polite">${this.#spoken()}</p>
      ${this.#condition()}`;
  }

  #legend() {
    const w = words.value;
    const { pointed, row, start } = this.#bar();
    const told = pointed && start !== undefined ? notes.value(start, shown.value.book.step) : [];
    const noted = told.length ? html`<p class="legend-notes">${told.slice(0, 3).join(' · ')}${told.length > 3 ? ` · +${told.length - 3}` : ''}</p>` : nothing;
    if (!row) return start === undefined ? nothing : html`<span>${w.noTradesInBar}</span>${noted}`;
    const places = digitsOf(shown.value.pair);
    const cell = (/** @type {string} */ name, /** @type {string} */ value) => html`<span>${name} <b>${value}</b></span>`;
    return html`<span class="legend-row">
      ${cell(w.openShort, priced(row.open, places))} ${cell(w.highShort, priced(row.high, places))}
      ${cell(w.lowShort, priced(row.low, places))} ${cell(w.closeShort, priced(row.close, places))}
      ${cell(w.volumeShort, quantity(row.volume))}</span>${noted}`;
  }

  #spoken() {
    const { pointed, row, start } = this.#bar();
    const bar = pointed && start !== undefined && this.#plot?.byKey.value ? start : undefined;
    const told = bar === undefined ? '' : notes.value(bar, shown.value.book.step).map((note) => `. ${note}`).join('');
    const read = `${words.value.code} ${bar} ${told}`;
    if (read === this.#read) return noChange; // who stays on the live bar does not hear each trade
    this.#read = read;
    if (bar === undefined) return '';
    const places = digitsOf(shown.value.pair);
    if (!row) return `${full(bar * 1000)}: ${words.value.noTradesInBar}${told}`;
    const price = (/** @type {string} */ value) => priced(value, places);
    const prices = words.value.barSpoken(full(bar * 1000), price(row.open), price(row.high), price(row.low), price(row.close), quantity(row.volume));
    return prices + told;
  }

  /** Loading, empty or failed, over the chart. */
  #condition() {
    const w = words.value;
    if (loadingOlder.value) return html`<p class="chart-note corner" role="status">${w.loadingOlder}</p>`;
    const complete = !empty.value && candlesRemote.state.value.phase !== 'failed';
    if (complete) return nothing;
    return html`<div class="chart-note ${empty.value ? '' : 'corner'}">${trouble(candlesRemote, w.noCandles, w.noneThen.candles)}</div>`;
  }
}

customElements.define('cv-chart', Chart);

// <cv-compare>: the selected pair beside others, on one scale or side by side, in the chart's place.
import { html, nothing } from '../vendor/lit/lit.js';
import { signal, untracked } from '../vendor/signals/signals.js';
import { chartWords } from '../format/chart-words.js';
import { words } from '../format/language.js';
import { priced, signed } from '../format/number.js';
import { comparing, others, pairs, selected } from '../market/pairs.js';
import { digitsOf, quotes } from '../market/quotes.js';
import { trouble } from '../shell/trouble.js';
import { stylesheet } from '../shell/stylesheet.js';
import { View } from '../shell/view.js';
import { books, comparedRevision, compareRemote } from './compare-state.js';
import { drawCompared } from './compare-plot.js';
import './compare-table.js';
import { tableShown } from './toolbar.js';

await stylesheet('chart-more');

const MOST_OTHERS = 3;

/** @param {string} pair */
function toggle(pair) {
  const present = others.peek();
  if (present.includes(pair)) others.value = present.filter((one) => one !== pair);
  else if (present.length < MOST_OTHERS) others.value = [...present, pair];
}

class Compare extends View {
  /** @type {(() => void) | null} */
  #stop = null;
  #cells = signal('');

  connectedCallback() {
    super.connectedCallback();
    this.watch(() => {
      const [cells, way] = [this.#cells.value, comparing.value];
      this.#stop?.();
      this.#stop = cells && way ? untracked(() => drawCompared(this.#hosts(), way === 'percent')) : null;
    });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#stop?.();
  }

  #hosts() {
    const all = [.../** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll('.compare-host'))];
    return all.map((host) => ({ host, pairs: (host.dataset.pairs ?? '').split(',') }));
  }

  view() {
    const way = comparing.value;
    this.hidden = way === null;
    const shown = way === null ? [] : [...books.value.keys()];
    const cells = way === 'percent' ? [shown] : shown.map((pair) => [pair]);
    queueMicrotask(() => (this.#cells.value = `${way} ${shown.join()}`)); // once its places stand on the page
    if (way === null) return nothing;
    const t = chartWords.value;
    return html`<div class="compare-bar" role="group" tabindex="0" aria-label=${t.comparedWith(shown.join(', '))}>
        <button class="tool" aria-pressed=${way === 'percent'} @click=${() => (comparing.value = 'percent')}>${t.onOneScale}</button>
        <button class="tool" aria-pressed=${way === 'side'} @click=${() => (comparing.value = 'side')}>${t.sideBySide}</button>
        <span class="compare-pairs" role="group" aria-label=${t.chooseOthers}>${pairs.value
          .filter((pair) => pair !== selected.value)
          .map(
            (pair) => html`<button class="tool" aria-pressed=${others.value.includes(pair)} ?disabled=${!others.value.includes(pair) && others.value.length >= MOST_OTHERS}
              @click=${() => toggle(pair)}>${pair}</button>`,
          )}</span>
      </div>
      <div class="compare-body">
        <div class="compare-cells ${way}">${cells.filter((cell) => cell.length).map((cell) => this.#cell(cell, way))}</div>
        <a class="attribution" href="https://www.tradingview.com/" target="_blank" rel="noopener noreferrer">${words.value.chartsBy}</a>
        ${tableShown.value ? html`<cv-compared-table></cv-compared-table>` : nothing}
      </div>
      ${compareRemote.state.value.phase === 'ready' && this.#any() ? nothing : html`<div class="chart-note">${trouble(compareRemote, words.value.noCandles, words.value.noneThen.candles)}</div>`}`;
  }

  #any() {
    void comparedRevision.value;
    return [...books.value.values()].some((book) => book.size);
  }

  /** @param {string[]} cell @param {'percent' | 'side'} way */
  #cell(cell, way) {
    const t = chartWords.value;
    return html`<section class="compare-cell" aria-label=${cell.join(', ')}>
      <div class="compare-host" role="img" data-pairs=${cell.join()} aria-label=${this.#described(cell)}></div>
      <ul class="legend compare-legend">${cell.map(
        (pair, index) => html`<li>${way === 'percent' ? html`<span class="line-sample line-${index}" aria-hidden="true"></span>` : nothing}${pair} <b>${this.#price(pair)}</b>${way === 'side' ? html` ${this.#change(pair)}` : nothing}</li>`,
      )}${way === 'percent' ? html`<li>${cell.length > 1 ? t.sinceLeft : t.chooseOthers}</li>` : nothing}</ul>
    </section>`;
  }

  /** What the picture shows, in words. @param {string[]} cell */
  #described(cell) {
    return cell.map((pair) => `${pair} ${this.#price(pair)} ${this.#change(pair)}`).join(', ');
  }

  /** @param {string} pair */
  #price(pair) {
    void comparedRevision.value;
    const book = books.value.get(pair);
    const row = book?.last === undefined ? undefined : book.at(book.last);
    return row ? priced(row.close, digitsOf(pair)) : '';
  }

  /** Over the last 24 hours. @param {string} pair */
  #change(pair) {
    const change = quotes.value.get(pair)?.row.pct_change;
    return change ? words.value.percent(signed(change)) : '';
  }
}

customElements.define('cv-compare', Compare);

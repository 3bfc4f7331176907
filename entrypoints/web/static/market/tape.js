// <cv-tape>: the newest trades of the selected pair as they happen.
import { html, nothing } from '../vendor/lit/lit.js';
import { computed, signal } from '../vendor/signals/signals.js';
import { words } from '../format/language.js';
import { decimal, priced, quantity } from '../format/number.js';
import { clock } from '../format/time.js';
import { arrow } from '../shell/icons.js';
import { trouble } from '../shell/trouble.js';
import { View } from '../shell/view.js';
import { baseOf, selected } from './pairs.js';
import { digitsOf } from './quotes.js';
import { rate, trades, tradesRemote } from './tape-state.js';

/** Each trade gives every row other words, and rows that nobody sees are layout for nothing: there are more as the end comes in sight. */
const MORE = 20;

class Tape extends View {
  #rows = signal(MORE);
  #more = computed(() => trades.value.length > this.#rows.value);
  #end = new IntersectionObserver((seen) => {
    if (seen.at(-1)?.isIntersecting && this.#more.peek()) {
      this.#rows.value += MORE;
      this.#lookForEnd(); // which may be in sight still
    }
  });

  connectedCallback() {
    super.connectedCallback();
    this.watch(() => {
      void selected.value;
      this.#rows.value = MORE;
    });
    this.watch(() => {
      if (this.#more.value) this.#lookForEnd(); // when the first rows have come
    });
  }

  #lookForEnd() {
    this.#end.disconnect();
    this.#end.observe(/** @type {Element} */ (this.querySelector('.tape-end')));
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#end.disconnect();
  }

  view() {
    const w = words.value;
    const pace = rate.value;
    return html`<section class="panel" aria-labelledby="tape-title">
      <header class="panel-head">
        <h2 id="tape-title">${w.trades}</h2>
        <span class="push"></span>
        ${pace === null ? nothing : html`<span class="quiet">${w.perSecond(decimal(pace.toFixed(1), 1))}</span>`}
      </header>
      <div class="scroll" tabindex="0" role="group" aria-label=${w.tapeOf(selected.value)}>
        ${trades.value.length ? this.#table() : trouble(tradesRemote, w.noTrades, w.noneThen.trades)}
        <div class="tape-end"></div>
      </div>
    </section>`;
  }

  /** Rows stay where they are and get new words: moving them would be a layout shift with each trade. */
  #table() {
    const w = words.value;
    return html`<table class="tape">
      <thead>
        <tr><th scope="col">${w.time}</th><th scope="col">${w.price}</th><th scope="col">${baseOf(selected.value)}</th><th scope="col">${w.side}</th></tr>
      </thead>
      <tbody>
        ${trades.value.slice(0, this.#rows.value).map((row) => this.#row(row))}
      </tbody>
    </table>`;
  }

  /** @param {Trade} row */
  #row(row) {
    const w = words.value;
    const kind = row.side === 'b' ? 'up' : row.side === 's' ? 'down' : '';
    return html`<tr>
      <td>${clock(row.timestamp)}</td>
      <td class=${kind}>${priced(row.price, digitsOf(row.pair))}</td>
      <td>${quantity(row.volume)}</td>
      <td class="side">${row.side === 'b' ? html`${arrow(1)} ${w.buy}` : row.side === 's' ? html`${arrow(-1)} ${w.sell}` : w.noPrice}</td>
    </tr>`;
  }
}

customElements.define('cv-tape', Tape);

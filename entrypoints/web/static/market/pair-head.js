// <cv-pair-head>: the selected pair, its price and its day.
import { html, nothing } from '../vendor/lit/lit.js';
import { words } from '../format/language.js';
import { basisPoints, difference } from '../format/exact.js';
import { compact, decimal, priced } from '../format/number.js';
import { View } from '../shell/view.js';
import { revision, shown } from './candles.js';
import { feeds, isWell } from './feeds-state.js';
import { baseOf, nameOf, selected } from './pairs.js';
import { digitsOf, quotes } from './quotes.js';
import { trades } from './tape-state.js';
import { change, flash, staleNote } from './watchlist.js';

class PairHead extends View {
  view() {
    const w = words.value;
    const pair = selected.value;
    const quote = quotes.value.get(pair);
    const places = digitsOf(pair);
    const feed = feeds.value.get(pair);
    const price = quote?.row.last ?? this.#lastTraded(pair);
    return html`<div class="pair-head ${feed && !isWell(feed) ? 'stale' : ''}">
      <div>
        <h2>${pair} <span class="quiet">${nameOf(pair)}</span></h2>
        <p class="big-price"><span class="price ${quote ? flash(quote) : ''}">${price ? priced(price, places) : w.noPrice}</span></p>
      </div>
      <div class="day-change">${quote ? html`${change(quote.row.pct_change)}<span class="quiet">${w.day}</span>` : nothing}${staleNote(feed)}</div>
      <dl class="day">
        ${quote ? [
          stat(w.dayHigh, quote.row.high_24h && priced(quote.row.high_24h, places)),
          stat(w.dayLow, quote.row.low_24h && priced(quote.row.low_24h, places)),
          stat(w.dayVolume, quote.row.volume_24h && `${compact(quote.row.volume_24h)} ${baseOf(pair)}`),
          this.#spread(quote.row, places),
        ] : nothing}
      </dl>
    </div>`;
  }

  /** Without a ticker the newest trade tells the price, else the newest candle. @param {string} pair */
  #lastTraded(pair) {
    void revision.value;
    const trade = trades.value[0];
    if (trade?.pair === pair) return trade.price;
    const { book } = shown.value;
    return shown.value.pair === pair && book.last !== undefined ? book.at(book.last)?.close : undefined;
  }

  /** @param {Ticker} row @param {number} places */
  #spread({ bid, ask }, places) {
    const w = words.value;
    if (!bid || !ask) return nothing;
    const points = basisPoints(bid, ask);
    const value = html`${priced(difference(ask, bid), places)} ${points ? html`<span class="quiet">${w.basisPoints(decimal(points, 2))}</span>` : nothing}`;
    return stat(w.spread, value);
  }
}

/** @param {string} name @param {unknown} value */
const stat = (name, value) => html`<div><dt>${name}</dt><dd>${value ?? words.value.noPrice}</dd></div>`;

customElements.define('cv-pair-head', PairHead);

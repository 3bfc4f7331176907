// <cv-candle-table>: the same candles as a real table, behind the key t. Compared pairs have a table of their own.
import { html, nothing } from '../vendor/lit/lit.js';
import { chartWords } from '../format/chart-words.js';
import { words } from '../format/language.js';
import { count, priced, quantity } from '../format/number.js';
import { moment } from '../format/time.js';
import { candlesRemote, revision, shown } from '../market/candles.js';
import { comparing } from '../market/pairs.js';
import { digitsOf } from '../market/quotes.js';
import { stylesheet } from '../shell/stylesheet.js';
import { trouble } from '../shell/trouble.js';
import { View } from '../shell/view.js';
import { gapTable, pastForecasts } from './past-tables.js';
import { seldom } from './seldom.js';
import { tableShown } from './toolbar.js';

await stylesheet('later');

const ROWS = 200;
const changes = seldom(revision);

class CandleTable extends View {
  view() {
    this.hidden = !tableShown.value || comparing.value !== null;
    if (this.hidden) return nothing;
    void changes.value;
    const w = words.value;
    const t = chartWords.value;
    const { pair, interval, book } = shown.value;
    const known = book.size > 0 && candlesRemote.state.value.phase !== 'failed';
    const places = digitsOf(pair);
    const heads = [t.openPrice, t.highPrice, t.lowPrice, t.closePrice, t.volume, w.vwap, w.trades];
    return html`<div class="scroll" tabindex="0" role="group" aria-label=${t.tableOf(pair, interval)}>
      ${known ? nothing : trouble(candlesRemote, w.noCandles, w.noneThen.candles)}
      <table class="numbers">
        <caption>${t.tableOf(pair, interval)}</caption>
        <thead><tr><th scope="col">${w.time}</th>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
        <tbody>
          ${book.newest(ROWS).map(
            (row) => html`<tr>
              <th scope="row">${moment(row.start)}</th>
              ${[row.open, row.high, row.low, row.close].map((price) => html`<td>${priced(price, places)}</td>`)}
              <td>${quantity(row.volume)}</td>
              <td>${row.vwap === null ? '' : priced(row.vwap, places)}</td>
              <td>${count(row.trades)}</td>
            </tr>`,
          )}
        </tbody>
      </table>
      ${pastForecasts(pair)} ${gapTable(pair)}
    </div>`;
  }
}

customElements.define('cv-candle-table', CandleTable);

// <cv-compared-table>: the compared pairs as a real table, over their charts, behind the key t.
import { html, nothing } from '../vendor/lit/lit.js';
import { chartWords } from '../format/chart-words.js';
import { words } from '../format/language.js';
import { priced, signed } from '../format/number.js';
import { full, moment } from '../format/time.js';
import { comparing, interval } from '../market/pairs.js';
import { digitsOf } from '../market/quotes.js';
import { stylesheet } from '../shell/stylesheet.js';
import { leftEdge } from './compare-plot.js';
import { View } from '../shell/view.js';
import { books, comparedRevision } from './compare-state.js';
import { seldom } from './seldom.js';

await stylesheet('later');

const ROWS = 200;

/** The bars that any of them has from a time on, newest first, so many at most. @param {number} from UTC seconds */
function newest(from) {
  const rows = [...books.value.values()].flatMap((book) => book.newest(ROWS));
  const starts = new Set(rows.map((row) => Date.parse(row.start) / 1000).filter((start) => start >= from));
  return [...starts].sort((a, b) => b - a).slice(0, ROWS);
}

/** What the percent of a pair count from: its first close in sight, as the chart does. @param {string} pair @param {number} edge */
const baseOf = (pair, edge) => books.value.get(pair)?.bars().find(({ time, row }) => row && time >= edge)?.row?.close;

const changes = seldom(comparedRevision);

class ComparedTable extends View {
  view() {
    void changes.value;
    const percent = comparing.value === 'percent';
    const [t, w] = [chartWords.value, words.value];
    const edge = (percent && leftEdge.value) || 0;
    const starts = newest(edge);
    if (!starts.length) return nothing;
    const shown = [...books.value.keys()].map((pair) => ({ pair, book: books.value.get(pair), base: Number(baseOf(pair, edge)) }));
    const names = shown.map(({ pair }) => pair).join(', ');
    const title = percent ? t.percentOf(names, interval.value, edge ? full(edge * 1000) : '') : t.pricesOf(names, interval.value);
    const cell = (/** @type {typeof shown[number]} */ { pair, book, base }, /** @type {number} */ start) => {
      const close = book?.at(start)?.close;
      if (close === undefined) return w.noPrice;
      return percent ? w.percent(signed(((Number(close) / base - 1) * 100).toFixed(2))) : priced(close, digitsOf(pair));
    };
    return html`<div class="compare-table" tabindex="0" role="group" aria-label=${title}>
      <table class="numbers">
        <caption>${title}</caption>
        <thead><tr><th scope="col">${w.time}</th>${shown.map(({ pair }) => html`<th scope="col">${pair}</th>`)}</tr></thead>
        <tbody>
          ${starts.map(
            (start) => html`<tr>
              <th scope="row">${moment(new Date(start * 1000).toISOString())}</th>
              ${shown.map((one) => html`<td>${cell(one, start)}</td>`)}
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }
}

customElements.define('cv-compared-table', ComparedTable);

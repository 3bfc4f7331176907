// <cv-statistics>: a day of every pair in figures, and how they go together.
import { html, nothing } from '../vendor/lit/lit.js';
import { signal } from '../vendor/signals/signals.js';
import { words } from '../format/language.js';
import { count, decimal, share, signed } from '../format/number.js';
import { tools } from '../format/tool-words.js';
import { baseOf, pairs } from '../market/pairs.js';
import { Dialog } from '../shell/dialog.js';
import { dialog } from '../shell/layout-state.js';
import { stylesheet } from '../shell/stylesheet.js';
import { trouble } from '../shell/trouble.js';
import { get } from '../stream/api.js';
import { Remote } from '../stream/remote.js';
import { fetchWhileOpen } from '../time-machine/fetch-while-open.js';

await stylesheet('tools');

/**
 * @typedef {{pair: string, bars: number, trades: number, volume: string, buy_volume: string, sell_volume: string,
 *   return_pct: string | null, realised_volatility: number | null, spread_bps: number | null, why_none: string[]}} Statistics
 * @typedef {{pair: string, other: string, n: number, correlation: number | null}} Correlation
 */

const statistics = signal(/** @type {readonly Statistics[]} */ ([]));
const correlations = signal(/** @type {readonly Correlation[]} */ ([]));
const remote = new Remote(
  () => Promise.all([get('statistics/', { limit: 1000 }), get('statistics/correlations/', { limit: 1000 })]),
  ([rows, together]) => {
    statistics.value = rows.items;
    correlations.value = together.items;
  },
);

fetchWhileOpen(() => dialog.value === 'statistics', remote);

class StatisticsDialog extends Dialog {
  heading() {
    return tools.value.names.statistics;
  }

  shut() {
    if (dialog.peek() === 'statistics') dialog.value = null;
  }

  view() {
    if (dialog.value !== 'statistics') return nothing;
    const t = tools.value;
    if (!statistics.value.length) return trouble(remote, t.noStatistics, t.noStatisticsThen);
    return html`<p class="quiet">${t.statisticsMeaning}</p>
      ${figures()}
      <h3>${t.correlations}</h3>
      <p class="quiet">${t.correlationsMeaning}</p>
      ${matrix()}`;
  }
}

function figures() {
  const [w, t] = [words.value, tools.value];
  const heads = [w.pair, t.dayReturn, t.volatility, t.meanSpread, t.buys, w.trades, t.bars];
  return html`<div class="wide" tabindex="0" role="region" aria-label=${t.figures}>
    <table class="numbers" aria-label=${t.figures}>
      <thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
      <tbody>
        ${statistics.value.map(
          (row) => html`<tr>
            <th scope="row">${row.pair}</th>
            <td>${row.return_pct === null ? unknown(row.why_none) : w.percent(signed(row.return_pct))}</td>
            <td>${row.realised_volatility === null ? unknown(row.why_none) : w.percent(decimal(row.realised_volatility * 100, 1))}</td>
            <td>${row.spread_bps === null ? unknown(row.why_none) : w.basisPoints(decimal(row.spread_bps, 2))}</td>
            <td>${bought(row)}</td>
            <td>${count(row.trades)}</td>
            <td>${count(row.bars)}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Of the volume whose side is known: that of trades, not that of candles which the venue made. @param {Statistics} row */
function bought({ volume, buy_volume, sell_volume }) {
  const known = Number(buy_volume) + Number(sell_volume);
  if (!known) return words.value.noPrice;
  const title = tools.value.ofKnownSides(words.value.percent(share(Math.min(1, known / Number(volume)))));
  return html`<span title=${title}>${words.value.percent(share(Number(buy_volume) / known))}</span>`;
}

/** @param {string[]} why */
const unknown = (why) => html`<span title=${why.join(' ')}>${words.value.noPrice}</span>`;

function matrix() {
  const t = tools.value;
  const known = new Map(correlations.value.flatMap((row) => [[`${row.pair} ${row.other}`, row.correlation], [`${row.other} ${row.pair}`, row.correlation]]));
  const cell = (/** @type {string} */ pair, /** @type {string} */ other) => {
    const value = pair === other ? 1 : (known.get(`${pair} ${other}`) ?? null);
    const strength = value === null ? '' : `${value < 0 ? 'against' : 'with'}-${Math.round(Math.abs(Number(value)) * 4)}`;
    return html`<td class=${strength}>${value === null ? words.value.noPrice : decimal(value, 2)}</td>`;
  };
  return html`<div class="wide" tabindex="0" role="region" aria-label=${t.correlations}>
    <table class="numbers matrix" aria-label=${t.correlations}>
      <thead><tr><td></td>${pairs.value.map((pair) => html`<th scope="col">${baseOf(pair)}</th>`)}</tr></thead>
      <tbody>${pairs.value.map((pair) => html`<tr><th scope="row">${pair}</th>${pairs.value.map((other) => cell(pair, other))}</tr>`)}</tbody>
    </table>
  </div>`;
}

customElements.define('cv-statistics', StatisticsDialog);

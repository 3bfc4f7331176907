// What became of past forecasts, and the gaps in the trades, as tables below the candles'.
import { html, nothing } from '../vendor/lit/lit.js';
import { horizon, outcomes, outcomesRemote } from '../analytics/outcome-state.js';
import { words } from '../format/language.js';
import { count, priced } from '../format/number.js';
import { moment, span } from '../format/time.js';
import { chartWords } from '../format/chart-words.js';
import { gaps, gapsRemote } from '../market/gaps-state.js';
import { digitsOf } from '../market/quotes.js';
import { overlays } from '../shell/settings.js';
import { trouble } from '../shell/trouble.js';

const ROWS = 100;

/** @param {string} title @param {string[]} heads @param {unknown[]} rows @param {unknown} none what is said where there are none */
const table = (title, heads, rows, none) => html`<table class="numbers">
    <caption>${title}</caption>
    <thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
    <tbody>${rows.length ? rows : html`<tr><td colspan=${heads.length}>${none}</td></tr>`}</tbody>
  </table>`;

/** @param {string} pair */
export function pastForecasts(pair) {
  if (!overlays.forecast.value) return nothing;
  const t = chartWords.value;
  const price = (/** @type {string} */ value) => priced(value, digitsOf(pair));
  const rows = outcomes.value.slice(0, ROWS).map(
    ({ target_at, lower, upper, actual, inside }) => html`<tr>
      <th scope="row">${moment(target_at)}</th><td>${price(lower)} – ${price(upper)}</td><td>${price(actual ?? '')}</td><td>${t.heldOrNot(inside === true)}</td>
    </tr>`,
  );
  return table(t.forecastsOf(pair, span(horizon.value)), [t.due, t.range, t.became, t.outcome], rows, trouble(outcomesRemote, t.noneDue, t.noneDueThen));
}

/** @param {string} pair */
export function gapTable(pair) {
  if (!overlays.gaps.value) return nothing;
  const t = chartWords.value;
  const rows = gaps.value.slice(0, ROWS).map(
    (gap) => html`<tr>
      <th scope="row">${moment(gap.start)}</th><td>${moment(gap.end)}</td><td>${count(gap.trades)}</td><td>${t.gapStates[gap.state]}</td>
    </tr>`,
  );
  return table(t.gapsOf(pair), [words.value.time, t.until, t.missed, t.now], rows, trouble(gapsRemote, t.noGaps));
}

// What a backtest came to: in a sentence, in figures beside buying and holding, in plots with tables behind them.
import { html, nothing } from '../vendor/lit/lit.js';
import { words } from '../format/language.js';
import { count, decimal, priced } from '../format/number.js';
import { full, span } from '../format/time.js';
import { tools } from '../format/tool-words.js';
import { digitsOf } from '../market/quotes.js';

/** @typedef {import('./backtest-state.js').Report} Report */
/** @typedef {import('./backtest-state.js').Figures} Figures */

const CURVE_ROWS = 100;

const signedPercent = (/** @type {number} */ value) => `${value > 0 ? '+' : ''}${words.value.percent(decimal(value, 2))}`;
const percent = (/** @type {number} */ value) => words.value.percent(decimal(value, 2));
const ratio = (/** @type {number} */ value) => decimal(value, 2);

/** How each figure is written, in the order shown. @type {[Exclude<keyof Figures, 'why_none'>, (value: number) => string][]} */
const FIGURES = [
  ['return_pct', signedPercent],
  ['cagr_pct', signedPercent],
  ['max_drawdown_pct', percent],
  ['max_drawdown_s', span],
  ['volatility_pct', percent],
  ['sharpe', ratio],
  ['sortino', ratio],
  ['calmar', ratio],
  ['exposure_pct', percent],
  ['trades', count],
  ['win_rate_pct', percent],
  ['profit_factor', ratio],
  ['expectancy_pct', signedPercent],
  ['best_trade_pct', signedPercent],
  ['worst_trade_pct', signedPercent],
];

/** @param {Report} shown */
export function reportView(shown) {
  const t = tools.value;
  const { figures, benchmark } = shown;
  return html`<section class="report" aria-labelledby="report-title">
    <h3 id="report-title">${t.strategyNames[shown.strategy] ?? shown.strategy}, ${shown.pair}, ${shown.interval}</h3>
    <p>${t.verdict(signedPercent(figures.return_pct), signedPercent(benchmark.return_pct), figures.return_pct > benchmark.return_pct)} ${t.deepest(percent(figures.max_drawdown_pct))} ${t.tradesMade(count(figures.trades), figures.trades)}</p>
    <p class="quiet">${t.fromTo(full(shown.start), full(shown.end), count(shown.bars))}${shown.origin === 'simulated' ? html` <b class="simulated">${words.value.origin.simulated}</b>` : nothing}</p>
    ${shown.notes.length ? html`<ul class="notes" lang="en">${shown.notes.map((note) => html`<li>${note}</li>`)}</ul>` : nothing}
    <cv-backtest-plot></cv-backtest-plot>
    ${behind(t.curveTable, curveTable(shown))}
    <h3 id="figures-title">${t.figures}</h3>
    ${figuresTable(figures, benchmark)}
    <h3 id="fees-title">${t.feeSensitivity}</h3>
    ${feesTable(shown)}
    ${behind(t.tradesList(count(shown.trades.length)), tradesTable(shown))}
    <p class="quiet">${t.notAPromise}</p>
  </section>`;
}

/** @param {string} name @param {unknown} content */
const behind = (name, content) => html`<details><summary>${name}</summary>${content}</details>`;

/** @param {string} label @param {string[]} heads @param {unknown} rows */
const table = (label, heads, rows) => html`<div class="wide" tabindex="0" role="region" aria-label=${label}>
  <table class="numbers" aria-label=${label}>
    <thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
    <tbody>${rows}</tbody>
  </table>
</div>`;

/** @param {Figures} figures @param {Figures} benchmark */
function figuresTable(figures, benchmark) {
  const t = tools.value;
  const cell = (/** @type {Figures} */ of, /** @type {Exclude<keyof Figures, 'why_none'>} */ name, /** @type {(value: number) => string} */ write) => {
    const value = of[name];
    return value === null ? html`<td title=${of.why_none[name] ?? ''}>${words.value.noPrice}<span class="sr" lang="en"> ${of.why_none[name]}</span></td>` : html`<td>${write(value)}</td>`;
  };
  const rows = FIGURES.map(
    ([name, write]) => html`<tr><th scope="row">${t.figureNames[name]}</th>${cell(figures, name, write)}${cell(benchmark, name, write)}<td class="why">${t.figureMeanings[name]}</td></tr>`,
  );
  return table(t.figures, [t.figure, t.strategy, t.buyAndHold, t.meaning], rows);
}

/** @param {Report} shown */
function feesTable({ fee_sensitivity: fees, fee_pct }) {
  const t = tools.value;
  const rows = fees.map(
    (row) => html`<tr><th scope="row">${percent(row.fee_pct)}${row.fee_pct === fee_pct ? html` <span class="tag">${t.asRun}</span>` : nothing}</th><td>${signedPercent(row.return_pct)}</td></tr>`,
  );
  return table(t.feeSensitivity, [t.fee, t.figureNames.return_pct], rows);
}

/** @param {Report} shown */
function curveTable({ curve }) {
  const t = tools.value;
  const stride = Math.ceil(curve.length / CURVE_ROWS);
  const rows = curve
    .filter((_, index) => index % stride === 0 || index === curve.length - 1)
    .map(
      (point) =>
        html`<tr><th scope="row">${full(point.timestamp)}</th><td>${signedPercent((point.equity - 1) * 100)}</td><td>${signedPercent((point.benchmark - 1) * 100)}</td><td>${percent(point.drawdown_pct)}</td></tr>`,
    );
  return table(t.curveTable, [words.value.time, t.strategy, t.buyAndHold, t.drawdown], rows);
}

/** @param {Report} shown */
function tradesTable({ trades, pair }) {
  const t = tools.value;
  if (!trades.length) return html`<p class="empty">${t.noRounds}</p>`;
  const places = digitsOf(pair);
  const rows = trades
    .toReversed()
    .map(
      (row) =>
        html`<tr><th scope="row">${full(row.entered_at)}</th><td>${priced(row.entry_price, places)}</td><td>${row.exited_at ? full(row.exited_at) : t.stillOpen}</td><td>${row.exit_price ? priced(row.exit_price, places) : words.value.noPrice}</td><td>${row.return_pct === null ? words.value.noPrice : signedPercent(row.return_pct)}</td></tr>`,
    );
  return table(t.tradesList(''), [t.bought, words.value.price, t.sold, words.value.price, t.figureNames.return_pct], rows);
}

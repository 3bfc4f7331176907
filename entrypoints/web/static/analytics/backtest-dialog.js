// <cv-backtest>: what a strategy would have done on the stored candles: the form, the wait, the report.
import { html, nothing } from '../vendor/lit/lit.js';
import { effect, untracked } from '../vendor/signals/signals.js';
import { words } from '../format/language.js';
import { now, span } from '../format/time.js';
import { tools } from '../format/tool-words.js';
import { address, intervals, pairs, selected } from '../market/pairs.js';
import { Dialog } from '../shell/dialog.js';
import { field, options } from '../shell/form.js';
import { dialog } from '../shell/layout-state.js';
import { stylesheet } from '../shell/stylesheet.js';
import { trouble } from '../shell/trouble.js';
import { asOf } from '../time-machine/clock.js';
import './backtest-plot.js';
import { reportView } from './backtest-report.js';
import { ask, chosenStrategy, fault, order, report, run, running, strategies, strategiesRemote } from './backtest-state.js';

await stylesheet('tools');

const DAYS = ['', '1', '7', '30', '90', '365'];
const ADDRESS = '#backtest';

effect(() => {
  if (dialog.value === 'backtest')
    untracked(() => {
      history.replaceState(null, '', ADDRESS);
      if (!report.peek()) ask({ pair: selected.peek() });
      void strategiesRemote.load();
    });
});

/** @param {Event} event */
const valueOf = (event) => /** @type {HTMLInputElement} */ (event.target).value;

class Backtest extends Dialog {
  heading() {
    return tools.value.names.backtest;
  }

  shut() {
    if (dialog.peek() === 'backtest') dialog.value = null;
    if (location.hash === ADDRESS) history.replaceState(null, '', address.peek());
  }

  view() {
    if (dialog.value !== 'backtest') return nothing;
    if (!strategies.value.length) return trouble(strategiesRemote, tools.value.noStrategies);
    return html`${this.#form()}
      <div role="status">${this.#progress()}</div>
      ${report.value ? reportView(report.value) : nothing}`;
  }

  #form() {
    const t = tools.value;
    const asked = order.value;
    const strategy = chosenStrategy();
    const wrong = fault.value;
    const shownFields = ['strategy', 'pair', 'interval', 'start', 'fee_pct', 'slippage_bp', ...(strategy?.parameters.map((one) => one.name) ?? [])];
    return html`<form class="form" novalidate @submit=${(/** @type {Event} */ event) => (event.preventDefault(), void run())}>
      ${select('strategy', t.strategy, strategy ? t.strategyMeaning(strategy.name, strategy.meaning) : '', strategies.value.map((one) => [one.name, t.strategyNames[one.name] ?? one.name]), asked.strategy, (value) => ask({ strategy: value, parameters: {} }))}
      ${select('pair', words.value.pair, '', pairs.value.map((pair) => [pair, pair]), asked.pair, (value) => ask({ pair: value }))}
      ${select('interval', words.value.interval, '', intervals.value.map((name) => [name, name]), asked.interval, (value) => ask({ interval: value }))}
      ${select('start', t.stretch, '', DAYS.map((days) => [days, days ? t.lastDays(Number(days)) : t.allThereIs]), asked.days, (value) => ask({ days: value }))}
      ${strategy?.parameters.map((one) =>
        typed(one.name, t.parameterNames[one.name] ?? one.name, `${t.parameterMeaning(one.name, one.meaning)} (${t.bounds(String(one.least), String(one.most))})`, asked.parameters[one.name] ?? String(one.default), (value) =>
          ask({ parameters: { ...order.peek().parameters, [one.name]: value } }),
        ),
      )}
      ${typed('fee_pct', t.fee, t.feeHint, asked.fee_pct, (value) => ask({ fee_pct: value }))}
      ${typed('slippage_bp', t.slippage, t.slippageHint, asked.slippage_bp, (value) => ask({ slippage_bp: value }))}
      ${wrong && !shownFields.includes(wrong.field ?? '') ? html`<p class="inline-error whole" role="alert">${wrong.text}</p>` : nothing}
      <div class="form-foot whole"><span class="push"></span><button class="button primary" type="submit" ?disabled=${running.value !== null || asOf.value !== null}>${t.run}</button></div>
    </form>`;
  }

  #progress() {
    const since = running.value;
    if (since === null) return nothing;
    return html`<p class="progress"><progress aria-label=${tools.value.runningBacktest}></progress>${tools.value.runningBacktest} ${span(Math.max(0, now.value - since) / 1000)}</p>`;
  }
}

/** @param {string} name @param {string} label @param {string} hint @param {[string, string][]} choices @param {string} chosen @param {(value: string) => void} take */
function select(name, label, hint, choices, chosen, take) {
  return put(name, label, hint, (attributes) => html`<select id=${attributes.id} aria-describedby=${attributes.describedBy} aria-invalid=${attributes.invalid}
    @change=${(/** @type {Event} */ event) => take(valueOf(event))}>${options(choices, chosen)}</select>`);
}

/** @param {string} name @param {string} label @param {string} hint @param {string} value @param {(value: string) => void} take */
function typed(name, label, hint, value, take) {
  return put(name, label, hint, (attributes) => html`<input type="text" inputmode="decimal" id=${attributes.id} aria-describedby=${attributes.describedBy} aria-invalid=${attributes.invalid}
    .value=${value} @input=${(/** @type {Event} */ event) => take(valueOf(event))} />`);
}

/** A field with what the server found wrong with it. @param {string} name @param {string} label @param {string} hint @param {Parameters<typeof field>[3]} control */
function put(name, label, hint, control) {
  const wrong = fault.value;
  return field(`backtest-${name}`, label, { hint, fault: wrong?.field === name ? wrong.text : null }, control);
}

customElements.define('cv-backtest', Backtest);

// <cv-alerts>: alerts, the open ones first, with what can be done about each.
import { html, nothing } from '../vendor/lit/lit.js';
import { repeat } from '../vendor/lit/directives/repeat.js';
import { words } from '../format/language.js';
import { priced } from '../format/number.js';
import { moment } from '../format/time.js';
import { selected } from '../market/pairs.js';
import { digitsOf } from '../market/quotes.js';
import { bell } from '../shell/icons.js';
import { dialog, openView } from '../shell/layout-state.js';
import { more } from '../shell/more.js';
import { trouble } from '../shell/trouble.js';
import { View } from '../shell/view.js';
import { asOf } from '../time-machine/clock.js';
import { alertTitle } from './alert-words.js';
import { alerts, alertsRemote, busy, commands, failures, inList, raised, rules } from './alerts-state.js';

class AlertList extends View {
  view() {
    const w = words.value;
    return html`<section class="panel" aria-labelledby="alerts-title">
      <header class="panel-head">
        <h2 id="alerts-title">${w.alerts}</h2>
        ${raised.value.length ? html`<span class="count warn">${w.open(raised.value.length)}</span>` : nothing}
        <span class="push"></span>
        <button class="button" @click=${() => (dialog.value = 'rules')}>${w.rules}</button>
      </header>
      <div class="scroll" tabindex="0" role="group" aria-label=${w.alerts}>
        ${raised.value.length > 1
          ? html`<p class="actions all"><button class="button" ?disabled=${busy.value.size > 0 || asOf.value !== null} @click=${async (/** @type {{currentTarget: HTMLElement}} */ { currentTarget }) => (await commands())?.acknowledgeAll(currentTarget)}>${w.acknowledgeAll(raised.value.length)}</button></p>`
          : nothing}
        ${alerts.value.length
          ? html`<ul class="rows">${repeat(alerts.value.slice(0, inList.value), (alert) => alert.id, (alert) => this.#item(alert))}</ul>${more(alerts.value.length, inList)}`
          : trouble(alertsRemote, w.noAlerts, w.noneThen.alerts)}
      </div>
    </section>`;
  }

  /** @param {Alert} alert */
  #item(alert) {
    const w = words.value;
    const places = digitsOf(alert.pair);
    const rule = rules.value.get(alert.rule_id);
    const failure = failures.value.get(alert.id);
    return html`<li class="alert ${alert.status}" id="alert-${alert.id}" data-alert=${alert.id} tabindex="-1">
      ${bell}
      <div>
        <h3><button class="plain" @click=${() => this.#show(alert)}>${alertTitle(alert)}</button></h3>
        <p>
          ${priced(alert.reference_price, places)} → ${priced(alert.price, places)} ·
          <time datetime=${alert.timestamp}>${moment(alert.timestamp)}</time>${rule ? html` · <span class="rule">${w.byRule(rule.name)}</span>` : nothing}
        </p>
        ${alert.status === 'raised' ? nothing : html`<p class="state">${this.#state(alert)}</p>`}
        ${alert.status === 'resolved' ? nothing : this.#actions(alert)}
        ${failure ? html`<p class="inline-error" role="alert">${failure}</p>` : nothing}
      </div>
    </li>`;
  }

  /** @param {Alert} alert */
  #state({ status, silenced_until: until }) {
    const w = words.value;
    return status === 'silenced' && until ? w.silencedUntil(moment(until)) : w.alertStatus[status];
  }

  /** @param {Alert} alert */
  #actions(alert) {
    const w = words.value;
    const waiting = busy.value.has(alert.id);
    const button = (/** @type {import('./alert-commands.js').Command} */ command, /** @type {string} */ name, kind = '', title = name) => html`<button
      class="button ${kind}" ?disabled=${waiting || asOf.value !== null} title=${title} aria-label=${w.actOn(title, alertTitle(alert))} @click=${async () => (await commands())?.act(alert, command)}
    >${name}</button>`;
    return html`<div class="actions">
      ${alert.status === 'raised' ? button('acknowledge', w.acknowledge, 'primary') : nothing}
      ${alert.status === 'silenced' ? nothing : button('silence', w.silence, '', w.silenceTitle)}
      ${button('resolve', w.resolve)}
    </div>`;
  }

  /** @param {Alert} alert */
  #show(alert) {
    selected.value = alert.pair;
    openView('chart');
  }
}

customElements.define('cv-alerts', AlertList);

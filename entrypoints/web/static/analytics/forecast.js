// <cv-forecast>: where the price may be in 1, 5 and 60 minutes, how often such a range held, and which way, if any.
import { html, nothing } from '../vendor/lit/lit.js';
import { words } from '../format/language.js';
import { difference } from '../format/exact.js';
import { count, direction, priced, share } from '../format/number.js';
import { hours, span } from '../format/time.js';
import { selected } from '../market/pairs.js';
import { digitsOf } from '../market/quotes.js';
import { arrow } from '../shell/icons.js';
import { dialog } from '../shell/layout-state.js';
import { trouble } from '../shell/trouble.js';
import { View } from '../shell/view.js';
import { forecastsRemote, HORIZONS, NAIVE, outlooks, records } from './forecast-state.js';

class Forecast extends View {
  view() {
    const w = words.value;
    return html`<section class="forecasts" aria-labelledby="forecasts-title">
      <h2 class="sr" id="forecasts-title">${w.forecasts}</h2>
      ${outlooks.value.size
        ? html`<ul>${HORIZONS.map((horizon) => this.#cell(horizon))}</ul>
            <div class="forecast-more">
              <button class="button" @click=${() => (dialog.value = 'skill')}>${w.howGood}</button>
              <button class="button" @click=${() => (dialog.value = 'backtest')}>${w.testStrategy}</button>
              <button class="button" @click=${() => (dialog.value = 'statistics')}>${w.statistics}</button>
            </div>`
        : trouble(forecastsRemote, w.noForecast)}
    </section>`;
  }

  /** @param {number} horizon */
  #cell(horizon) {
    const w = words.value;
    const outlook = outlooks.value.get(horizon);
    if (!outlook) return html`<li><p class="quiet">${w.ahead(span(horizon))}</p><p>${w.loading}</p></li>`;
    const { row, from, missing } = outlook;
    if (!row || missing)
      return html`<li>
        <p class="quiet">${w.ahead(span(horizon))}</p>
        <p><b>${w.noForecast}</b></p>
        <p class="why" lang="en">${missing}</p>
      </li>`;
    const places = digitsOf(selected.value);
    return html`<li>
      <p class="quiet">${w.ahead(span(horizon))} · ${hours(row.target_at)}</p>
      <p class="range">${priced(row.lower, places)} – ${priced(row.upper, places)}</p>
      <p class="way">${row.model === NAIVE ? noEdge(row) : expected(row, from, places)}</p>
      <p class="held quiet">${held(row, records.value.get(horizon))}</p>
    </li>`;
  }
}

/** Nothing beats "no change" here; the reason is there to see and to hear. @param {Prediction} row */
const noEdge = (row) =>
  html`<b title=${row.served_because}>${words.value.noEdge}<span class="sr" lang="en">: ${row.served_because}</span></b>`;

/** @param {Prediction} row @param {string | null} from @param {number} places */
function expected(row, from, places) {
  const way = direction(from && difference(row.price, from));
  const text = words.value.expected(priced(row.price, places));
  return html`<b class=${way < 0 ? 'down' : way > 0 ? 'up' : ''} title=${row.served_because}
    >${way ? html`${arrow(way)} <span class="sr">${words.value.way[way]} </span>` : nothing}${text}</b
  >`;
}

/** @param {Prediction} row @param {Skill | undefined} record */
function held(row, record) {
  const w = words.value;
  const level = w.percent(share(Number(row.level)));
  return !record || record.coverage === null ? w.notScored(level) : w.held(w.percent(share(record.coverage)), count(record.n), level);
}

customElements.define('cv-forecast', Forecast);

// What a rule would have raised: how many, where on the price, and which.
import { html, nothing, svg } from '../vendor/lit/lit.js';
import { words } from '../format/language.js';
import { count, decimal } from '../format/number.js';
import { day, hours, moment, span } from '../format/time.js';
import { tools } from '../format/tool-words.js';
import { digitsOf } from '../market/quotes.js';
import { alertTitle } from './alert-words.js';
import { preview, previewHours, waiting } from './rules-state.js';

const [WIDTH, HEIGHT, EDGE] = [640, 120, 8];
const LISTED = 50;

export function previewed() {
  const t = tools.value;
  const found = preview.value;
  if (waiting.value) return html`<p class="quiet">${words.value.loading}</p>`;
  if (!found) return html`<p class="quiet">${t.previewHint}</p>`;
  const rows = found.items.toReversed().slice(0, LISTED);
  return html`
    <p><b>${t.wouldHaveRaised(count(found.count), found.count, span(previewHours.value * 3600))}</b></p>
    ${unseen(found)}
    ${plot(found)}
    ${rows.length
      ? html`<div class="preview-list" tabindex="0" role="group" aria-label=${t.preview}>
          <ul>${rows.map((alert) => html`<li><time datetime=${alert.timestamp}>${moment(alert.timestamp)}</time> ${alertTitle(alert)}</li>`)}</ul>
        </div>`
      : nothing}
    ${found.count > rows.length && rows.length ? html`<p class="quiet">${t.newestOf(count(rows.length), count(found.count))}</p>` : nothing}`;
}

/** What of the time could not be looked at, where it is more than a little. @param {import('./rules-state.js').Preview} found */
function unseen({ known_from: from, start, end }) {
  if (from !== null && Date.parse(from) - start < (end - start) / 20) return nothing;
  return html`<p class="quiet">${from === null ? tools.value.nothingWatched : tools.value.watchedFrom(moment(from))}</p>`;
}

/** The price with a mark where the rule would have raised an alert. @param {import('./rules-state.js').Preview} found */
function plot({ closes, items, start, end, pair, count: all }) {
  const prices = closes.map((row) => Number(row.close));
  if (prices.length < 2) return nothing;
  const [low, high] = [Math.min(...prices), Math.max(...prices)];
  const x = (/** @type {string} */ time) => EDGE + ((Date.parse(time) - start) / (end - start)) * (WIDTH - 2 * EDGE);
  const y = (/** @type {number} */ price) => HEIGHT - EDGE - ((Math.min(high, Math.max(low, price)) - low) / (high - low || 1)) * (HEIGHT - 2 * EDGE - 6);
  const line = closes.map((row) => `${x(row.start).toFixed(1)},${y(Number(row.close)).toFixed(1)}`).join(' ');
  const marks = items.filter((alert) => alert.pair === pair);
  const places = digitsOf(pair);
  return html`<figure class="preview-plot">
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${tools.value.previewPlot(pair, count(all), all)}>
      ${svg`<polyline points=${line} />`}
      ${marks.map((alert) => {
        const [left, top] = [x(alert.timestamp), y(Number(alert.price))];
        return svg`<path class="mark" d="M${left} ${top - 5}l-5 -8h10Z"><title>${moment(alert.timestamp)}</title></path>`;
      })}
    </svg>
    <figcaption class="quiet"><span>${day(start)} ${hours(start)}</span><span>${pair} ${decimal(low, places)} – ${decimal(high, places)}</span><span>${day(end)} ${hours(end)}</span></figcaption>
  </figure>`;
}

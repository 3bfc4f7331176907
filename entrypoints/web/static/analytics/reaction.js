// What prices did after an article, beside what they do when there is no news.
import { html } from '../vendor/lit/lit.js';
import { words } from '../format/language.js';
import { count, decimal, share } from '../format/number.js';
import { span } from '../format/time.js';
import { tools } from '../format/tool-words.js';
import { change } from '../market/watchlist.js';

/** @param {readonly Reaction[]} rows */
export function reactionTable(rows) {
  const t = tools.value;
  if (!rows.length) return html`<p class="quiet">${t.aboutNoPair}</p>`;
  const heads = [t.priceMoved, t.usualMove, t.asLarge, t.cases];
  return html`<div class="wide" tabindex="0" role="region" aria-labelledby="reaction-title">
      <table class="numbers reaction" aria-labelledby="reaction-title">
        <thead><tr><th scope="col">${t.within}</th>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
        <tbody>${rows.map((row) => html`<tr><th scope="row"><span>${row.pair}</span> <span class="quiet">${span(row.horizon_s)}</span></th>${cells(row)}</tr>`)}</tbody>
      </table>
    </div>
    <p class="quiet">${t.reactionMeaning}</p>`;
}

/** @param {Reaction} row */
function cells({ change_pct: moved, usual_change_pct: usual, share_as_large: larger, observations, reason }) {
  const w = words.value;
  const why = (/** @type {number} */ columns) => html`<td class="why" colspan=${columns} lang="en">${reason}</td>`;
  if (moved === null) return why(4);
  if (usual === null || larger === null) return html`<td>${change(moved)}</td>${why(3)}`;
  return html`<td>${change(moved)}</td><td>±${w.percent(decimal(usual, 2))}</td><td>${w.percent(share(Number(larger)))}</td><td>${count(observations)}</td>`;
}

// <cv-tabs>: the phone's five rooms.
import { html, nothing } from '../vendor/lit/lit.js';
import { raised } from '../alerting/alerts-state.js';
import { words } from '../format/language.js';
import { bell, candles, list, paper, pulse } from './icons.js';
import { openView, room } from './layout-state.js';
import { View } from './view.js';

class Tabs extends View {
  view() {
    const w = words.value;
    const tab = (/** @type {import('./layout-state.js').Room} */ name, /** @type {unknown} */ icon, /** @type {string} */ text, badge = 0) =>
      html`<li>
        <button aria-current=${room.value === name ? 'page' : 'false'} @click=${() => openView(name)}>
          <span class="tab-icon">${icon}${badge ? html`<span class="badge"><span aria-hidden="true">${badge}</span><span class="sr">${w.open(badge)} </span></span>` : nothing}</span>${text}
        </button>
      </li>`;
    return html`<nav class="tabs" aria-label=${w.rooms}>
      <ul>
        ${tab('watchlist', list, w.watchlist)} ${tab('chart', candles, w.chart)} ${tab('news', paper, w.news)}
        ${tab('alerts', bell, w.alerts, raised.value.length)} ${tab('feeds', pulse, w.feeds)}
      </ul>
    </nav>`;
  }
}

customElements.define('cv-tabs', Tabs);

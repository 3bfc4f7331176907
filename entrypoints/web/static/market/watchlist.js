// <cv-watchlist>: the pairs with their live prices; one of them is what the page is about.
import { html, nothing, svg } from '../vendor/lit/lit.js';
import { repeat } from '../vendor/lit/directives/repeat.js';
import { words } from '../format/language.js';
import { direction, priced, signed } from '../format/number.js';
import { age } from '../format/time.js';
import { sortBy } from '../shell/settings.js';
import { View } from '../shell/view.js';
import { asOf } from '../time-machine/clock.js';
import { arrow, eye, pencil } from '../shell/icons.js';
import { openView } from '../shell/layout-state.js';
import { wanted } from '../shell/on-demand.js';
import { feeds, isWell } from './feeds-state.js';
import { baseOf, pairs, quoteOf, selected } from './pairs.js';
import { digitsOf, quotes, quotesRemote } from './quotes.js';
import { editing, listed, sparks, watched, watchError } from './watch-state.js';

const SPARK = { width: 62, height: 24 };

class Watchlist extends View {
  view() {
    const w = words.value;
    const sorted = sortBy.value === 'change';
    return html`<section class="panel" aria-labelledby="watchlist-title">
      <header class="panel-head">
        <h2 id="watchlist-title">${w.watchlist}</h2>
        ${listed.value.length ? html`<span class="count">${listed.value.length}</span>` : nothing}
        <span class="push"></span>
        <button class="tool" aria-pressed=${editing.value} @click=${() => (editing.value = !editing.value)} title=${w.editWatchlist}>
          ${pencil}<span class="sr">${w.editWatchlist}</span>
        </button>
        <button class="button" aria-pressed=${sorted} @click=${() => (sortBy.value = sorted ? 'given' : 'change')}>
          ${sorted ? w.sortedByChange : w.sortedAsGiven}
        </button>
      </header>
      <div class="columns" aria-hidden="true"><span>${w.pair}</span><span>${w.day}</span><span>${w.priceChange}</span></div>
      ${watchError.value ? html`<p class="inline-error" role="alert">${watchError.value}</p>` : nothing}
      <ul class="scroll rows" tabindex="-1">
        ${pairs.value.length ? repeat(listed.value, (pair) => pair, (pair) => this.#row(pair)) : SKELETON}
      </ul>
    </section>`;
  }

  /** @param {string} pair */
  #row(pair) {
    const w = words.value;
    const quote = quotes.value.get(pair);
    const feed = feeds.value.get(pair);
    const watching = watched.value.includes(pair);
    return html`<li class="pair-row ${feed && !isWell(feed) ? 'stale' : ''}">
      <button class="pair" data-pair=${pair} aria-current=${pair === selected.value ? 'true' : 'false'} @click=${() => this.#choose(pair)}>
        <span class="names"><b>${baseOf(pair)}</b><span class="quiet">/${quoteOf(pair)}</span></span>
        ${this.#spark(pair)}
        <span class="figures">
          ${quote
            ? html`<b class="price ${flash(quote)}">${priced(quote.row.last, digitsOf(pair))}</b> ${change(quote.row.pct_change)}`
            : html`<b class="price">${this.#lastClose(pair)}</b>`}
          ${staleNote(feed)}
        </span>
      </button>
      ${editing.value
        ? html`<button class="tool watch" ?disabled=${asOf.value !== null} aria-pressed=${watching} @click=${() => toggle(pair)}>
            ${eye}<span class="sr">${watching ? w.unwatch(pair) : w.watch(pair)}</span>
          </button>`
        : nothing}
    </li>`;
  }

  /** Without a ticker, as in a recording of trades alone, the newest close tells the price. @param {string} pair */
  #lastClose(pair) {
    const close = sparks.value.get(pair)?.at(-1);
    if (close) return priced(close, digitsOf(pair));
    return quotesRemote.state.value.phase === 'loading' ? '…' : words.value.noPrice;
  }

  /** @param {string} pair */
  #choose(pair) {
    selected.value = pair;
    openView('chart');
  }

  /** A day of closes, with the live price as its end. @param {string} pair */
  #spark(pair) {
    const last = quotes.value.get(pair)?.row;
    const closes = [...(sparks.value.get(pair) ?? []), ...(last ? [last.last] : [])].map(Number);
    if (closes.length < 3) return html`<svg class="spark" aria-hidden="true"></svg>`;
    const [low, high] = [Math.min(...closes), Math.max(...closes)];
    const x = (/** @type {number} */ index) => ((index / (closes.length - 1)) * SPARK.width).toFixed(1);
    const y = (/** @type {number} */ price) => (SPARK.height - 2 - ((price - low) / (high - low || 1)) * (SPARK.height - 4)).toFixed(1);
    const way = direction(last?.pct_change) < 0 ? 'down' : 'up';
    return html`<svg class="spark ${way}" viewBox="0 0 ${SPARK.width} ${SPARK.height}" aria-hidden="true">
      ${svg`<polyline points=${closes.map((price, index) => `${x(index)},${y(price)}`).join(' ')} />`}
    </svg>`;
  }
}

const SKELETON = Array.from({ length: 8 }, () => html`<li class="pair-row"><span class="skeleton-row"></span></li>`);

/** @param {string} pair */
const toggle = async (pair) => (await wanted(import('./watch-edit.js')))?.toggleWatched(pair);

/** The class of a price that moved just now. @param {import('./quotes.js').Quote} quote */
export const flash = ({ moved }) => (moved ? `flash-${moved > 0 ? 'up' : 'down'}` : '');

/** That a price is old, and how old. @param {Feed | undefined} feed */
export function staleNote(feed) {
  if (!feed || isWell(feed)) return nothing;
  const old = feed.last_message_at ? ` · ${age(feed.last_message_at)}` : '';
  return html`<span class="stale-note"><span class="dot hollow" aria-hidden="true"></span>${words.value.feedState[feed.state]}${old}</span>`;
}

/** The change with its arrow, sign and colour. @param {string | null} percent */
export function change(percent) {
  if (percent === null) return nothing;
  const way = direction(percent);
  return html`<span class="change ${way < 0 ? 'down' : way > 0 ? 'up' : ''}">${arrow(way)} ${words.value.percent(signed(percent))}</span>`;
}

customElements.define('cv-watchlist', Watchlist);

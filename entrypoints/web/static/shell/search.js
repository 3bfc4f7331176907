// <cv-search>: one field that finds pairs, news and tools. A combobox: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
import { html, nothing } from '../vendor/lit/lit.js';
import { effect, signal } from '../vendor/signals/signals.js';
import { tools } from '../format/tool-words.js';
import { words } from '../format/language.js';
import { priced } from '../format/number.js';
import { age } from '../format/time.js';
import { nameOf } from '../market/pairs.js';
import { digitsOf, quotes } from '../market/quotes.js';
import { change } from '../market/watchlist.js';
import { Dialog } from './dialog.js';
import { candles, paper, sliders } from './icons.js';
import { dialog } from './layout-state.js';
import { articlesRemote, ask, choose, query, results, toolName } from './search-state.js';
import { stylesheet } from './stylesheet.js';
import { trouble } from './trouble.js';

await stylesheet('tools');

/** @typedef {import('./search-state.js').Result} Result */

/** Which result the keys have reached; -1: none yet. */
const at = signal(-1);
/** Why the last one could not be opened. */
const failure = signal(/** @type {string | null} */ (null));

effect(() => {
  at.value = query.value.trim() ? 0 : -1; // news come later, below: who has gone on stays where they are
});

class Search extends Dialog {
  heading() {
    return tools.value.search;
  }

  shut() {
    if (dialog.peek() === 'search') dialog.value = null;
    ask('');
  }

  view() {
    if (dialog.value !== 'search') return nothing;
    const t = tools.value;
    const rows = results.value.flatMap((part) => part.rows);
    let index = 0;
    return html`
      <input
        class="search-field" type="text" role="combobox" autofocus autocomplete="off" spellcheck="false" enterkeyhint="go" maxlength="200"
        aria-label=${t.search} aria-expanded=${rows.length > 0} aria-controls="search-results" aria-autocomplete="list"
        aria-activedescendant=${rows[at.value] ? `result-${at.value}` : nothing}
        placeholder=${t.searchHint} .value=${query.value}
        @input=${(/** @type {any} */ event) => ask(event.target.value)} @keydown=${(/** @type {KeyboardEvent} */ event) => this.#press(event, rows)}
      />
      ${failure.value ? html`<p class="inline-error" role="alert">${failure.value}</p>` : nothing}
      <div id="search-results" role="listbox" aria-label=${t.found}>
        ${results.value.map(
          (part) => html`<div role="group" aria-label=${part.name}>
            <p class="found-head" role="presentation">${part.name}</p>
            ${part.rows.map((row) => this.#option(row, index++))}
          </div>`,
        )}
      </div>
      <div role="status">${this.#condition(rows.length)}</div>`;
  }

  /** What there is to say beside the results. @param {number} count */
  #condition(count) {
    const t = tools.value;
    const phase = articlesRemote.state.value.phase;
    if (!query.value.trim()) return html`<p class="quiet search-note">${t.searchKeys}</p>`;
    if (phase === 'failed') return trouble(articlesRemote, '');
    if (phase === 'loading') return html`<p class="quiet search-note">${words.value.loading}</p>`;
    return html`<p class=${count ? 'sr' : 'quiet search-note'}>${count ? t.results(count) : t.nothingFound(query.value.trim())}</p>`;
  }

  /** @param {Result} row @param {number} index */
  #option(row, index) {
    return html`<div class="found" id="result-${index}" role="option" aria-selected=${index === at.value} @click=${() => this.#choose(row)} @pointermove=${() => (at.value = index)}>
      ${this.#content(row)}
    </div>`;
  }

  /** @param {Result} row */
  #content(row) {
    if (row.kind === 'tool') return html`${sliders}<span class="found-name">${toolName(row.id)}</span>`;
    if (row.kind === 'article')
      return html`${paper}<span class="found-name">${row.title}<span class="quiet"> ${row.source} · ${age(row.time)}</span></span>`;
    const quote = quotes.value.get(row.id)?.row;
    return html`${candles}<span class="found-name"><b>${row.id}</b> <span class="quiet">${nameOf(row.id)}</span></span>
      ${quote ? html`<span class="found-figures">${priced(quote.last, digitsOf(row.id))} ${change(quote.pct_change)}</span>` : nothing}`;
  }

  /** @param {KeyboardEvent} event @param {Result[]} rows */
  #press(event, rows) {
    const last = rows.length - 1;
    const row = rows[at.peek()];
    if (event.key === 'Enter' && row) void this.#choose(row);
    else if (event.key === 'ArrowDown') at.value = at.peek() >= last ? 0 : at.peek() + 1;
    else if (event.key === 'ArrowUp') at.value = at.peek() <= 0 ? last : at.peek() - 1;
    else return;
    event.preventDefault();
    document.getElementById(`result-${at.peek()}`)?.scrollIntoView({ block: 'nearest' });
  }

  /** @param {Result} row */
  async #choose(row) {
    failure.value = null;
    try {
      await choose(row);
    } catch (error) {
      failure.value = error instanceof Error ? error.message : String(error);
      dialog.value = 'search'; // it is closed by now, and there is something to say
    }
  }
}

customElements.define('cv-search', Search);

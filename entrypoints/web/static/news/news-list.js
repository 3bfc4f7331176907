// <cv-news>: articles with their tags, of the selected pair or all.
import { html, nothing } from '../vendor/lit/lit.js';
import { signal } from '../vendor/signals/signals.js';
import { repeat } from '../vendor/lit/directives/repeat.js';
import { words } from '../format/language.js';
import { age, full } from '../format/time.js';
import { newsTroubles } from '../market/feeds-state.js';
import { nextTry } from '../market/feed-words.js';
import { baseOf, selected } from '../market/pairs.js';
import { arrow } from '../shell/icons.js';
import { more } from '../shell/more.js';
import { newsOf } from '../shell/settings.js';
import { trouble } from '../shell/trouble.js';
import { View } from '../shell/view.js';
import { listed, newsRemote, opened, safeUrl, timeOf } from './news-state.js';

/** How many articles the list shows. */
const inList = signal(50);
const WAYS = /** @type {const} */ ({ positive: 1, neutral: 0, negative: -1 });
const KINDS = { positive: 'up', neutral: '', negative: 'down' };

class NewsList extends View {
  view() {
    const w = words.value;
    const choice = (/** @type {'pair' | 'all'} */ of, /** @type {string} */ name) =>
      html`<button class="button" aria-pressed=${newsOf.value === of} @click=${() => (newsOf.value = of)}>${name}</button>`;
    return html`<section class="panel" aria-labelledby="news-title">
      <header class="panel-head">
        <h2 id="news-title">${w.news}</h2>
        <span class="push"></span>
        <div class="choice" role="group" aria-label=${w.newsFilter}>${choice('pair', baseOf(selected.value))} ${choice('all', w.all)}</div>
      </header>
      <div class="scroll" tabindex="0" role="group" aria-label=${w.news}>
        ${newsTroubles.value.map(({ feeds, reason, nextTryAt }) => html`<p class="news-down">${w.sourceDown(feeds.map(({ name }) => name).join(', '), reason)} ${nextTry(nextTryAt)}</p>`)}
        ${listed.value.length
          ? html`<ul class="rows">${repeat(listed.value.slice(0, inList.value), (article) => article.id, (article) => this.#item(article))}</ul>${more(listed.value.length, inList)}`
          : this.#none()}
      </div>
    </section>`;
  }

  #none() {
    const w = words.value;
    const tag = baseOf(selected.value);
    if (newsOf.value === 'all') return trouble(newsRemote, w.noNews, w.noneThen.news);
    return trouble(newsRemote, w.noNewsOf(tag), w.noneThen.newsOf(tag));
  }

  /** @param {Article} article */
  #item(article) {
    const w = words.value;
    const url = safeUrl(article.url);
    return html`<li class="article">
      <p class="article-head">
        <b>${article.source}</b> <time datetime=${timeOf(article)}>${age(timeOf(article))}</time> ${changed(article)}
        <span class="push"></span> ${sentiment(article)}
      </p>
      <h3>
        ${url && article.origin !== 'simulated'
          ? html`<a href=${url} target="_blank" rel="noopener noreferrer">${article.title}<span class="sr"> ${w.opensAway}</span></a>`
          : article.title}
      </h3>
      <p class="article-foot">
        ${article.tags.map((tag) => html`<span class="tag">${tag}</span>`)}
        <span class="push"></span>
        ${article.content || article.summary
          ? html`<button class="tool small" aria-label=${w.readTitle(article.title)} @click=${() => (opened.value = article)}>${w.read}</button>`
          : nothing}
      </p>
    </li>`;
  }
}

/** What became of the article since it was first shown. @param {Article} article */
export function changed({ change, revised_at }) {
  if (!change || !revised_at) return nothing;
  return html`<span class="tag" title=${full(revised_at)}>${words.value.articleChange[change]}</span>`;
}

/** How the article leans, once it has been scored. @param {Article} article */
export function sentiment({ sentiment }) {
  if (!sentiment) return nothing;
  return html`<span class="sentiment ${KINDS[sentiment.label]}">${arrow(WAYS[sentiment.label])} ${words.value.sentiment[sentiment.label]}</span>`;
}

customElements.define('cv-news', NewsList);

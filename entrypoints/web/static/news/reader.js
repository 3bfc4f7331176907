// <cv-reader>: one article as plain text, when we knew of it, how it sounds, and what prices did after it.
import { html, nothing } from '../vendor/lit/lit.js';
import { effect, signal, untracked } from '../vendor/signals/signals.js';
import { reactionTable } from '../analytics/reaction.js';
import { signed } from '../format/number.js';
import { full } from '../format/time.js';
import { tools } from '../format/tool-words.js';
import { Dialog } from '../shell/dialog.js';
import { away } from '../shell/icons.js';
import { trouble } from '../shell/trouble.js';
import { get } from '../stream/api.js';
import { Remote } from '../stream/remote.js';
import { changed, sentiment } from './news-list.js';
import { opened, safeUrl } from './news-state.js';

/** The open article with what only it itself tells; null until that has come. */
const detail = signal(/** @type {Article | null} */ (null));
const detailRemote = new Remote(
  async () => {
    const article = opened.peek();
    return article && get(`articles/${encodeURIComponent(article.id)}/`);
  },
  (found) => (detail.value = found),
);

effect(() => {
  void opened.value;
  untracked(() => {
    detail.value = null;
    void detailRemote.load({ anew: true });
  });
});

class Reader extends Dialog {
  heading() {
    return opened.value?.title ?? '';
  }

  shut() {
    opened.value = null;
  }

  view() {
    if (!opened.value) return nothing;
    const article = detail.value ?? opened.value;
    const t = tools.value;
    const url = safeUrl(article.url);
    const paragraphs = (article.content || article.summary || '').split(/\n+/).filter((text) => text.trim());
    return html`
      <p class="article-head"><b>${article.source}</b> ${article.authors.join(', ')} ${changed(article)} <span class="push"></span>${score(article)}</p>
      <dl class="times">
        ${article.published_at ? html`<div><dt>${t.published}</dt><dd>${full(article.published_at)}</dd></div>` : nothing}
        <div><dt>${t.knownSince}</dt><dd>${full(article.recorded_at)}</dd></div>
      </dl>
      ${paragraphs.map((text) => html`<p>${text}</p>`)}
      <p class="article-foot">
        ${article.tags.map((tag) => html`<span class="tag">${tag}</span>`)}
        ${url ? html`<a class="button" href=${url} target="_blank" rel="noopener noreferrer">${t.openAt(article.source)} ${away}</a>` : nothing}
      </p>
      <h3 id="reaction-title">${t.priceAfter}</h3>
      ${detail.value ? reactionTable(detail.value.price_reaction ?? []) : trouble(detailRemote, '')}`;
  }
}

/** How it sounds, by how much, and who says so. @param {Article} article */
function score(article) {
  const found = article.sentiment;
  return found && html`${sentiment(article)} <span>${signed(String(found.score))} · ${found.model} ${found.version}</span>`;
}

customElements.define('cv-reader', Reader);

// <cv-reader>: one article as plain text, with when it was published and when we knew of it.
import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { words } from '../format/language.js';
import { full } from '../format/time.js';
import { Dialog } from '../shell/dialog.js';
import { away } from '../shell/icons.js';
import { sentiment } from './news-list.js';
import { opened, safeUrl } from './news-state.js';

class Reader extends Dialog {
  heading() {
    return opened.value?.title ?? '';
  }

  shut() {
    opened.value = null;
  }

  view() {
    const article = opened.value;
    if (!article) return nothing;
    const w = words.value;
    const url = safeUrl(article.url);
    const paragraphs = (article.content || article.summary || '').split(/\n+/).filter((text) => text.trim());
    return html`
      <p class="article-head"><b>${article.source}</b> ${article.authors.join(', ')} <span class="push"></span>${sentiment(article)}</p>
      <dl class="times">
        ${article.published_at ? html`<div><dt>${w.published}</dt><dd>${full(article.published_at)}</dd></div>` : nothing}
        <div><dt>${w.knownSince}</dt><dd>${full(article.recorded_at)}</dd></div>
      </dl>
      ${paragraphs.map((text) => html`<p>${text}</p>`)}
      <p class="article-foot">
        ${article.tags.map((tag) => html`<span class="tag">${tag}</span>`)}
        ${url ? html`<a class="button" href=${url} target="_blank" rel="noopener noreferrer">${w.openAt(article.source)} ${away}</a>` : nothing}
      </p>`;
  }
}

customElements.define('cv-reader', Reader);

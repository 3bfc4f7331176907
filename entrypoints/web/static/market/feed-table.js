// <cv-feed-table>: everything known of each feed. In the dialog, and in the phone's Feeds room.
import { html, nothing } from '../vendor/lit/lit.js';
import { feedWords } from '../format/feed-table-words.js';
import { words } from '../format/language.js';
import { count, share } from '../format/number.js';
import { age, moment } from '../format/time.js';
import { english, trouble } from '../shell/trouble.js';
import { stylesheet } from '../shell/stylesheet.js';
import { View } from '../shell/view.js';
import { dot } from './feed-strip.js';
import { lagOf, nextTry } from './feed-words.js';
import { components, feeds, feedsRemote, lookOf, marketFeeds, newsFeeds } from './feeds-state.js';

await stylesheet('later');

class FeedTable extends View {
  view() {
    const w = words.value;
    const f = feedWords.value;
    if (!feeds.value.size) return trouble(feedsRemote, w.noFeeds, w.noneThen.feeds);
    const title = this.closest('dialog') ? nothing : html`<h2>${w.feeds}</h2>`; // a dialog has its own
    return html`${title}
      <h3>${f.marketFeeds}</h3>
      <ul class="feed-cards">${marketFeeds.value.map((feed) => this.#card(feed))}</ul>
      <h3>${f.newsFeeds}</h3>
      <ul class="feed-cards">${newsFeeds.value.map((feed) => this.#card(feed))}</ul>
      ${this.#parts()}`;
  }

  /** @param {Feed} feed */
  #card(feed) {
    const w = words.value;
    const f = feedWords.value;
    const market = feed.kind === 'market';
    return html`<li class="feed-card">
      <p class="feed-name">${dot(lookOf(feed))}<b>${feed.name}</b> <span>${feed.paused ? english(feed.error ?? '') : w.feedState[feed.state]}</span>
        ${feed.since ? html`<span class="quiet">${f.sinceTime(moment(feed.since))}</span>` : nothing}</p>
      ${feed.error && !feed.paused ? html`<p class="inline-error">${english(feed.error)}${feed.next_try_at ? ` · ${nextTry(feed.next_try_at)}` : ''}</p>` : nothing}
      <dl>
        ${fact(f.lastMessage, feed.last_message_at && age(feed.last_message_at))}
        ${market ? fact(f.lag, lagOf(feed)) : nothing}
        ${market ? fact(f.gapsFound, count(feed.gaps)) : nothing}
        ${market ? fact(f.stillMissing, count(feed.missing)) : nothing}
        ${market ? fact(f.backfilled, count(feed.backfilled)) : nothing}
        ${fact(f.completeness, feed.completeness === null ? '' : w.percent(share(feed.completeness)))}
        ${feed.trades === null || !feed.trades_since ? nothing : fact(f.depth, f.tradesSince(count(feed.trades), moment(feed.trades_since)))}
        ${market || feed.error || !feed.next_try_at ? nothing : fact(f.nextFetch, moment(feed.next_try_at))}
      </dl>
    </li>`;
  }

  /** The server's parts that are not well. */
  #parts() {
    const ailing = Object.entries(components.value).filter(([, part]) => part.status !== 'ok');
    if (!ailing.length) return nothing;
    return html`<h3>${feedWords.value.serverParts}</h3>
      <ul class="feed-cards">${ailing.map(([name, part]) => html`<li class="feed-card"><p class="feed-name"><b>${name}</b> <span lang="en">${part.status}</span></p><p lang="en">${part.detail ?? ''}</p></li>`)}</ul>`;
  }
}

/** @param {string} name @param {string | null} value */
const fact = (name, value) => (value ? html`<div><dt>${name}</dt><dd>${value}</dd></div>` : nothing);

customElements.define('cv-feed-table', FeedTable);

// <cv-feed-strip>: how every feed is, in words, on one line. Pairs in good order are told together, a troubled one alone.
import { html, nothing } from '../vendor/lit/lit.js';
import { words } from '../format/language.js';
import { count } from '../format/number.js';
import { clock, now } from '../format/time.js';
import { dialog } from '../shell/layout-state.js';
import { server } from '../shell/server-state.js';
import { english, reasonOf } from '../shell/trouble.js';
import { View } from '../shell/view.js';
import { link } from '../stream/link.js';
import { perSecond } from '../stream/rate.js';
import { asOf } from '../time-machine/clock.js';
import { dotted, feedSummary, marketSummary, namesOf } from './feed-words.js';
import { ailing, feeds, feedsRemote, isDown, lookOf, marketFeeds, newsFeeds } from './feeds-state.js';

/** A dot whose form tells the state too: full, ring, square. @param {Feed['state']} state */
export const dot = (state) => html`<span class="dot ${state}" aria-hidden="true"></span>`;

class FeedStrip extends View {
  view() {
    const w = words.value;
    void now.value;
    return html`<div class="strip">
      <ul class="strip-feeds" tabindex="0" role="list" aria-label=${w.feedsStrip}>
        ${this.#condition()} ${link.value.lost ? nothing : [this.#parts(), this.#market(), newsFeeds.value.toSorted((a, b) => Number(isDown(b)) - Number(isDown(a))).map((feed) => this.#item(feed))]}
      </ul>
      <button class="strip-more" @click=${() => (dialog.value = 'feeds')}>${w.allFeeds}</button>
      <span class="strip-server">${dotted([server.value && english(server.value.profile), w.updates(perSecond.value, count(perSecond.value))])}</span>
    </div>`;
  }

  /** That there are none; or that what is told of them beside it is of before. */
  #condition() {
    const w = words.value;
    const state = feedsRemote.state.value;
    if (link.value.lost) return html`<li>${w.feedsFailed}</li>`;
    if (state.phase === 'failed') return html`<li>${w.feedsFailed} · ${reasonOf(state)}</li>`;
    return feeds.value.size ? nothing : html`<li>${state.phase === 'loading' ? w.loading : asOf.value === null ? w.noFeeds : w.noneThen.feeds}</li>`;
  }

  /** The parts of the server that are not well: which, since when, and why. */
  #parts() {
    return ailing.value.map(([name, part]) => {
      const why = [english(part.status), part.since && clock(Date.parse(part.since)), part.detail && english(part.detail)];
      return html`<li class="feed down" data-part=${name}>${dot('down')}<b>${name.replaceAll('_', ' ')}</b> <span>${dotted(why)}</span></li>`;
    });
  }

  /** Pairs grouped by state and reason. */
  #market() {
    /** @type {Map<string, Feed[]>} */
    const groups = new Map();
    for (const feed of marketFeeds.value) {
      const key = `${feed.state} ${feed.error}`;
      groups.set(key, [...(groups.get(key) ?? []), feed]);
    }
    const order = (/** @type {Feed[]} */ group) => (group[0]?.state === 'live' ? 1 : 0);
    return [...groups.values()].sort((a, b) => order(a) - order(b)).map((group) => {
      return html`<li class="feed ${group[0] && lookOf(group[0])}">${dot(group[0] ? lookOf(group[0]) : 'down')}<b>${namesOf(group)}</b> <span>${marketSummary(group)}</span></li>`;
    });
  }

  /** @param {Feed} feed */
  #item(feed) {
    return html`<li class="feed ${lookOf(feed)}">${dot(lookOf(feed))}<b>${feed.name}</b> <span>${feedSummary(feed)}</span></li>`;
  }
}

customElements.define('cv-feed-strip', FeedStrip);

// <cv-admin-feeds>: each feed's state, and the commands that pause it, resume it, and fetch what it missed.
import { html, nothing } from '../vendor/lit/lit.js';
import { feedWords } from '../format/feed-table-words.js';
import { words } from '../format/language.js';
import { count, decimal, share } from '../format/number.js';
import { age } from '../format/time.js';
import { send } from '../stream/api.js';
import { button, run } from './command.js';
import { Listing } from './listing.js';
import { AdminPage } from './page.js';
import { ago, table } from './table.js';
import { adminWords } from './words.js';

/** @typedef {Feed & {paused: boolean, paused_by: string | null}} AdminFeed */

/** @type {Listing<AdminFeed>} */
const feeds = new Listing('admin/feeds/');

/** A pair's slash would end a segment of the address. @param {string} name */
const inUrl = (name) => encodeURIComponent(name.replace('/', '-'));

/** @param {AdminFeed} feed @param {'pause' | 'resume' | 'backfill'} command */
const command = (feed, command) =>
  run(`${command} ${feed.name}`, () => send('POST', `admin/feeds/${inUrl(feed.name)}/${command}`), {
    said: adminWords.peek().feedDone[command](feed.name),
    then: () => feeds.load(),
  });

class FeedsPage extends AdminPage {
  fetched() {
    return [feeds];
  }

  view() {
    const t = adminWords.value;
    const w = words.value;
    const f = feedWords.value;
    return table(t.pages.feeds, feeds, {
      key: (feed) => feed.name,
      empty: t.noFeeds,
      columns: [
        { name: t.name, cell: (feed) => html`<b>${feed.name}</b>` },
        { name: t.state, wide: true, cell: state },
        { name: f.lastMessage, cell: (feed) => ago(feed.last_message_at) },
        // News is read on schedule: its lag would only tell when.
        { name: f.lag, number: true, cell: (feed) => (feed.kind === 'market' && feed.lag_s !== null ? w.seconds(decimal(feed.lag_s, 1)) : '—') },
        { name: f.gapsFound, number: true, cell: (feed) => (feed.kind === 'market' ? count(feed.gaps) : '—') },
        { name: f.stillMissing, number: true, cell: (feed) => (feed.kind === 'market' ? count(feed.missing) : '—') },
        { name: f.backfilled, number: true, cell: (feed) => (feed.kind === 'market' ? count(feed.backfilled) : '—') },
        { name: f.completeness, number: true, cell: (feed) => (feed.completeness === null ? '—' : w.percent(share(feed.completeness))) },
        { name: '', cell: actions },
      ],
    });
  }
}

/** @param {AdminFeed} feed */
function state(feed) {
  const t = adminWords.value;
  const word = feed.paused ? t.pausedBy(feed.paused_by ?? '') : words.value.feedState[feed.state];
  const since = feed.since ? html` <span class="quiet">${feedWords.value.sinceTime(age(feed.since))}</span>` : nothing;
  return html`<span class="admin-state"><span class="dot ${feed.paused ? 'ended' : feed.state}"></span>${word}</span>
    ${feed.error && !feed.paused ? html`<span class="inline-error" lang="en">${feed.error}</span>` : since}`;
}

/** @param {AdminFeed} feed */
function actions(feed) {
  const t = adminWords.value;
  const turn = feed.paused ? 'resume' : 'pause';
  return html`<div class="row-actions">
    ${button({ name: t[turn], of: feed.name, key: `${turn} ${feed.name}`, press: () => command(feed, turn) })}
    ${feed.kind === 'market' ? button({ name: t.backfill, of: feed.name, key: `backfill ${feed.name}`, press: () => command(feed, 'backfill') }) : nothing}
  </div>`;
}

customElements.define('cv-admin-feeds', FeedsPage);

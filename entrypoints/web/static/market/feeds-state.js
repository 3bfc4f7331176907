// How the feeds are: what the server says of each, and what that means for the page.
import { computed, signal } from '../vendor/signals/signals.js';
import { ApiError, get } from '../stream/api.js';
import { Remote } from '../stream/remote.js';
import { asOf } from '../time-machine/clock.js';

/** @typedef {{status: string, detail?: string | null, since?: string | null}} Component */

const EVERY_MS = 5000;

export const feeds = signal(/** @type {ReadonlyMap<string, Feed>} */ (new Map()));
/** The parts of the server, from its health. */
export const components = signal(/** @type {Record<string, Component>} */ ({}));

/** Told elsewhere: the simulator stands in for it, which a banner says. */
const TOLD_ELSEWHERE = 'kraken';

/** The processes and parts that are not well now, without the workers within a process: these stand in its detail. */
export const ailing = computed(() =>
  asOf.value === null ? Object.entries(components.value).filter(([name, part]) => part.status !== 'ok' && name !== TOLD_ELSEWHERE && !name.includes('/')) : [],
);

/** The names of the feeds that are to be collected; null until they are known. */
export const collected = signal(/** @type {ReadonlySet<string> | null} */ (null));

/** Those of a kind. What is not collected any more is no trouble of the present. @param {Feed['kind']} kind */
const feedsOf = (kind) =>
  [...feeds.value.values()].filter((feed) => feed.kind === kind && (asOf.value !== null || (collected.value?.has(feed.name) ?? true)));

export const marketFeeds = computed(() => feedsOf('market'));
export const newsFeeds = computed(() => feedsOf('news'));

/** @param {Feed} feed */
export const isWell = (feed) => feed.state === 'live' || feed.state === 'ended';
/** @param {Feed} feed */
export const isDown = (feed) => !feed.paused && (feed.state === 'down' || (feed.state === 'connecting' && feed.error !== null));
/** How a feed looks: a deliberate pause is no trouble. @param {Feed} feed */
export const lookOf = (feed) => (feed.paused ? 'ended' : feed.state);

/** Feeds that are down for the same reason are one trouble; those of pairs, where they are tried again at the same second. */
export const marketTroubles = computed(() => troublesOf(marketFeeds.value, (feed) => feed.next_try_at?.slice(0, 19)));
export const newsTroubles = computed(() => troublesOf(newsFeeds.value, () => ''));

/** @param {Feed[]} all @param {(feed: Feed) => string | undefined} apart */
function troublesOf(all, apart) {
  /** @type {Map<string, {feeds: Feed[], reason: string | null, nextTryAt: string | null}>} */
  const troubles = new Map();
  for (const feed of all.filter(isDown)) {
    const key = `${feed.error} ${apart(feed)}`;
    const trouble = troubles.get(key) ?? { feeds: [], reason: feed.error, nextTryAt: feed.next_try_at };
    trouble.feeds.push(feed);
    troubles.set(key, trouble);
  }
  return [...troubles.values()];
}

/** @param {Feed[]} rows */
export function takeFeeds(rows) {
  const next = new Map(feeds.peek());
  for (const row of rows) next.set(row.name, row);
  feeds.value = next;
}

/** A server that is down says so with 503, and still says what of it is. */
const askHealth = () => get('health/').catch((error) => (error instanceof ApiError ? error.body : null));

/** Asked apart from the feeds: it answers at once, also while the database that knows the feeds hangs. */
const healthRemote = new Remote(askHealth, (health) => {
  if (health?.components) components.value = health.components;
});

export const feedsRemote = new Remote(
  () => get('feeds/', { limit: 1000 }),
  (page) => {
    feeds.value = new Map(page.items.map((/** @type {Feed} */ feed) => [feed.name, feed]));
  },
);
void healthRemote.load();
setInterval(() => {
  if (document.hidden) return;
  if (!healthRemote.busy) void healthRemote.load();
  if (!feedsRemote.busy && feedsRemote.state.peek().phase === 'ready') void feedsRemote.load();
}, EVERY_MS);

/** Gaps, missing trades and so on of several feeds, as one. @param {Feed[]} group */
export function together(group) {
  const sum = (/** @type {'gaps' | 'missing'} */ key) => group.reduce((all, feed) => all + feed[key], 0);
  const shares = group.flatMap((feed) => (feed.completeness === null ? [] : [feed.completeness]));
  const lags = group.flatMap((feed) => (feed.lag_s === null ? [] : [feed.lag_s]));
  return {
    lag: lags.length ? Math.max(...lags) : null,
    gaps: sum('gaps'),
    missing: sum('missing'),
    completeness: shares.length ? Math.min(...shares) : null,
  };
}

// What is said of a feed, in words: the strip, the table and the banners say it alike.
import { html } from '../vendor/lit/lit.js';
import { words } from '../format/language.js';
import { count, decimal, share } from '../format/number.js';
import { age, hours, now, until } from '../format/time.js';
import { english } from '../shell/trouble.js';
import { asOf } from '../time-machine/clock.js';
import { together } from './feeds-state.js';

/** Parts with a dot between them; an empty one is none. @param {unknown[]} parts */
export const dotted = (parts) => parts.filter(Boolean).map((part, index) => html`${index ? ' · ' : ''}${part}`);

/** When the next try is: "next try in 12 s", later "next try 15:41:00". @param {string | null} time */
export function nextTry(time) {
  if (!time) return '';
  const at = Date.parse(time);
  return asOf.value === null && at - now.value < 60_000 ? words.value.nextTryIn(until(at)) : words.value.nextTryAt(hours(time));
}

/** Up to three names, else how many pairs. @param {Feed[]} group */
export const namesOf = (group) =>
  group.length > 3 ? words.value.pairsTogether(group.length) : group.map((feed) => feed.name).join(', ');

/** @param {number} seconds */
const lag = (seconds) => words.value.seconds(decimal(seconds.toFixed(1), 1));

/** One feed in a few words, beside its name. @param {Feed} feed */
export function feedSummary(feed) {
  const w = words.value;
  /** @type {unknown[]} */
  const parts = [];
  if (feed.kind === 'market') return marketSummary([feed]);
  if (feed.state !== 'live' && !feed.paused) parts.push(w.feedState[feed.state]);
  if (feed.error) parts.push(english(feed.error));
  if (feed.state === 'live' && feed.last_message_at) parts.push(age(feed.last_message_at));
  else if (feed.state === 'live') parts.push(w.feedState.live);
  return dotted([...parts, feed.state === 'live' ? '' : nextTry(feed.next_try_at)]);
}

/** Feeds of pairs in the same state: state, lag, gaps, what is missing, completeness, reason, next try. @param {Feed[]} group */
export function marketSummary(group) {
  const w = words.value;
  const [first] = group;
  if (!first) return '';
  const all = together(group);
  const old = first.state === 'stale' && first.last_message_at ? age(first.last_message_at) : '';
  return dotted([
    first.paused ? '' : `${w.feedState[first.state]}${old && ` ${old}`}`,
    first.state === 'live' && all.lag !== null ? lag(all.lag) : '',
    all.missing ? w.missing(all.missing, count(all.missing)) : w.gaps(all.gaps, count(all.gaps)),
    all.completeness === null ? '' : w.complete(share(all.completeness)),
    first.error && english(first.error),
    first.state === 'live' ? '' : nextTry(first.next_try_at),
  ]);
}

/** @param {Feed} feed */
export const lagOf = (feed) => (feed.lag_s === null ? '' : lag(feed.lag_s));

// Which page is open: it stands in the address, so that it can be kept, sent and gone back from.
import { signal } from '../vendor/signals/signals.js';

/** Each page's module, in the order of the menu. */
export const GROUPS = /** @type {const} */ ({
  running: ['health', 'feeds', 'topics', 'batches'],
  data: ['dead-letters', 'schemas', 'streams', 'storage'],
  settings: ['sources', 'notifications'],
  access: ['users', 'api-keys', 'audit'],
});

/** @typedef {typeof GROUPS[keyof typeof GROUPS][number]} PageName */

/** @type {Record<PageName, () => Promise<unknown>>} */
export const LOAD = {
  health: () => import('./health.js'),
  feeds: () => import('./feeds.js'),
  topics: () => import('./topics.js'),
  batches: () => import('./batches.js'),
  'dead-letters': () => import('./dead-letters.js'),
  schemas: () => import('./schemas.js'),
  streams: () => import('./streams.js'),
  storage: () => import('./storage.js'),
  sources: () => import('./sources.js'),
  notifications: () => import('./notifications.js'),
  users: () => import('./users.js'),
  'api-keys': () => import('./api-keys.js'),
  audit: () => import('./audit.js'),
};

/** The role that looking takes, where it is more than that of a viewer. @type {Partial<Record<PageName, import('../shell/account.js').Role>>} */
export const NEEDS = { users: 'admin', 'api-keys': 'admin' };

/** The page that the address names, and what of it: `#streams/rule%3Adefault`. @returns {[PageName, string | null]} */
function asked() {
  const [name = '', of] = location.hash.slice(1).split('/');
  return name in LOAD ? [/** @type {PageName} */ (name), of ? read(of) : null] : ['health', null];
}

/** @param {string} escaped */
function read(escaped) {
  try {
    return decodeURIComponent(escaped);
  } catch {
    return escaped; // nobody escaped it: it is what it says
  }
}

const [first, firstPart] = asked();
export const page = signal(first);
/** The part of the page that is open, as the stream of the event store; null: the page itself. */
export const part = signal(firstPart);

/** The token of the link that makes the first user. It is taken out of the address, as it is of use once. */
export const setupToken = signal(/^#setup=(.+)$/.exec(location.hash)?.[1] ?? null);
if (setupToken.peek()) history.replaceState(null, '', location.pathname);

addEventListener('hashchange', () => {
  const token = /^#setup=(.+)$/.exec(location.hash)?.[1];
  if (token) {
    setupToken.value = token;
    history.replaceState(null, '', location.pathname);
  }
  [page.value, part.value] = asked();
});

// Articles, newest first, and which of them the reader wants to see.
import { computed, signal } from '../vendor/signals/signals.js';
import { get } from '../stream/api.js';
import { Remote } from '../stream/remote.js';
import { baseOf, selected } from '../market/pairs.js';
import { newsOf } from '../shell/settings.js';


const MOST = 400;
const PAGE = 100;
/** Time for new articles to be scored. */
const SCORED_MS = 15_000;

export const articles = signal(/** @type {readonly Article[]} */ ([]));
/** The article in the reader; null when it is closed. */
export const opened = signal(/** @type {Article | null} */ (null));

/** When it was published, or failing that when we found it. @param {Article} article */
export const timeOf = (article) => article.published_at ?? article.scraped_at;

export const listed = computed(() =>
  newsOf.value === 'all' ? articles.value : articles.value.filter((article) => article.tags.includes(baseOf(selected.value))),
);

/** @param {Article[]} rows */
export function takeArticles(rows) {
  const byId = new Map(articles.peek().map((row) => [row.id, row]));
  for (const row of rows) byId.set(row.id, row.sentiment ? row : { ...row, sentiment: byId.get(row.id)?.sentiment ?? null });
  const order = (/** @type {Article} */ a, /** @type {Article} */ b) => Date.parse(timeOf(b)) - Date.parse(timeOf(a));
  articles.value = [...byId.values()].sort(order).slice(0, MOST);
}

export const newsRemote = new Remote(
  () => {
    const tag = newsOf.peek() === 'pair' ? baseOf(selected.peek()) : undefined;
    return get('articles/', { tag, limit: PAGE });
  },
  (page) => takeArticles(page.items),
);

let timer = 0;

/** Rows of the stream. They are sent before they are scored, so the scores are fetched a little later. @param {Article[]} rows */
export function takeNewArticles(rows) {
  takeArticles(rows);
  timer ||= setTimeout(() => {
    timer = 0;
    void newsRemote.load();
  }, SCORED_MS);
}

/** The address if it is one that a browser may open: http and https only. @param {string | null} url */
export function safeUrl(url) {
  try {
    const { protocol, href } = new URL(url ?? '');
    return protocol === 'https:' || protocol === 'http:' ? href : null;
  } catch {
    return null; // no address at all
  }
}

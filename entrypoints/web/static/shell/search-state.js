// What the search finds: pairs of the page, articles of the server, tools; and what was opened last.
import { computed, signal } from '../vendor/signals/signals.js';
import { tools } from '../format/tool-words.js';
import { words } from '../format/language.js';
import { nameOf, pairs, selected } from '../market/pairs.js';
import { opened } from '../news/news-state.js';
import { get } from '../stream/api.js';
import { Remote } from '../stream/remote.js';
import { dialog, openView } from './layout-state.js';

/**
 * @typedef {'backtest' | 'rules' | 'statistics' | 'skill' | 'settings' | 'help'} Tool
 * @typedef {{kind: 'pair', id: string} | {kind: 'article', id: string, title: string, source: string, time: string} | {kind: 'tool', id: Tool}} Result
 */

const KEY = 'cryptoviz.recent';
const MOST_RECENT = 6;
const MOST_ARTICLES = 12;
const PAUSE_MS = 200; // in typing, before the server is asked
/** @type {readonly Tool[]} */
const TOOLS = ['backtest', 'rules', 'statistics', 'skill', 'settings', 'help'];

export const query = signal('');
const found = signal(/** @type {readonly Article[]} */ ([]));
const recent = signal(stored());

/** @returns {Result[]} */
function stored() {
  try {
    const rows = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    const isResult = (/** @type {any} */ row) => ['pair', 'article', 'tool'].includes(row?.kind) && typeof row.id === 'string';
    return Array.isArray(rows) ? rows.filter(isResult).slice(0, MOST_RECENT) : [];
  } catch {
    return []; // storage is forbidden here, or holds what we did not write
  }
}

export const articlesRemote = new Remote(
  async () => {
    const q = query.peek().trim();
    return { q, page: q ? await get('articles/', { q, limit: MOST_ARTICLES }) : { items: [] } };
  },
  ({ q, page }) => {
    if (q === query.peek().trim()) found.value = page.items;
  },
);

let timer = 0;

/** @param {string} text */
export function ask(text) {
  query.value = text;
  found.value = [];
  clearTimeout(timer);
  timer = setTimeout(() => void articlesRemote.load({ anew: true }), PAUSE_MS);
}

/** What a tool is called. @param {Tool} id */
export const toolName = (id) => ({ ...tools.value.names, skill: words.value.howGood, help: words.value.help })[id];

/** Small letters without accents. @param {string} text */
const folded = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** In the order shown, a heading for each part. */
export const results = computed(() => {
  const t = tools.value;
  const text = folded(query.value.trim());
  if (!text) return recent.value.length ? [{ name: t.recent, rows: recent.value }] : [{ name: t.pairs, rows: pairs.value.map(pairResult) }];
  const own = pairs.value.filter((pair) => folded(`${pair} ${pair.replace('/', '')} ${pair.replace('/', '-')} ${nameOf(pair)}`).includes(text));
  const named = TOOLS.filter((id) => folded(toolName(id)).includes(text));
  return [
    { name: t.pairs, rows: own.map(pairResult) },
    { name: t.toolsFound, rows: named.map((id) => /** @type {Result} */ ({ kind: 'tool', id })) },
    { name: words.value.news, rows: found.value.map(articleResult) },
  ].filter((part) => part.rows.length);
});

/** @param {string} id @returns {Result} */
const pairResult = (id) => ({ kind: 'pair', id });

/** @param {Article} article @returns {Result} */
const articleResult = ({ id, title, source, published_at, scraped_at }) => ({ kind: 'article', id, title, source, time: published_at ?? scraped_at });

/** Go where a result leads. @param {Result} result */
export async function choose(result) {
  recent.value = [result, ...recent.peek().filter((one) => one.kind !== result.kind || one.id !== result.id)].slice(0, MOST_RECENT);
  try {
    localStorage.setItem(KEY, JSON.stringify(recent.peek()));
  } catch {
    // it holds for the visit
  }
  if (result.kind === 'tool') dialog.value = result.id;
  else dialog.value = null;
  if (result.kind === 'pair') {
    selected.value = result.id;
    openView('chart');
  }
  if (result.kind === 'article') opened.value = found.peek().find((one) => one.id === result.id) ?? (await get(`articles/${encodeURIComponent(result.id)}/`));
}

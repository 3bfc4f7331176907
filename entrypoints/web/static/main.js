// The page begins here: first what one looks at first, the price and the chart, then the rooms around them.
import { effect, untracked } from './vendor/signals/signals.js';
import './shell/header.js';
import './market/watchlist.js';
import './market/pair-head.js';
import './chart/toolbar.js';
import './chart/chart.js';
import { moreAsked, tableShown } from './chart/toolbar.js';
import { alerts, alertsRemote, rulesRemote } from './alerting/alerts-state.js';
import { candlesRemote } from './market/candles.js';
import { feedsRemote } from './market/feeds-state.js';
import { address, askedFor, comparing, selected } from './market/pairs.js';
import { quotesRemote } from './market/quotes.js';
import { loadSparks, sparks, watchRemote } from './market/watch-state.js';
import { articles, newsRemote, opened } from './news/news-state.js';
import { account, accountShown } from './shell/account.js';
import { dialog, room } from './shell/layout-state.js';
import { wanted } from './shell/on-demand.js';
import { configRemote } from './shell/server-state.js';
import { newsOf } from './shell/settings.js';
import { follow, stream } from './stream/live.js';
import { machineShown } from './time-machine/clock.js';

/** What is slow to come does not keep the rest waiting for longer. */
const PATIENCE_MS = 2000;

const loadQuotes = () => Promise.all([configRemote.load(), quotesRemote.load()]);

/** Fetch what stands around the chart. */
function loadRooms() {
  for (const remote of [feedsRemote, alertsRemote, rulesRemote, newsRemote]) void remote.load();
}

/** Fetch everything but the selected pair's own, which follow the selection. */
function load() {
  void watchRemote.load();
  void loadQuotes().then(loadSparks);
  loadRooms();
}

/** What is shown belongs to another market, or another time. */
function reload() {
  articles.value = [];
  alerts.value = [];
  sparks.value = new Map();
  load();
}

const quoted = loadQuotes();
void watchRemote.load();
follow(reload);

let begun = false;
/** The chart has come, or will not soon: now the rest. */
function begin() {
  if (begun) return;
  begun = true;
  globalThis.askedAhead?.clear(); // what nobody has taken is of no use, and old later
  loadRooms();
  void quoted.then(loadSparks);
  void import('./shell/rooms.js');
  void import('./analytics/forecast.js');
  void import('./shell/app.js');
}
effect(() => {
  if (!begun && candlesRemote.state.value.phase !== 'loading') requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(begin)));
});
setTimeout(begin, PATIENCE_MS);

let first = true; // loadRooms() fetches those
effect(() => {
  if (newsOf.value === 'pair') void selected.value;
  if (!first) untracked(() => void newsRemote.load({ anew: true }));
  first = false;
});

// The backtests have an address of their own.
const openAsked = (/** @type {string} */ asked) => {
  if (asked === '#backtest') dialog.value = 'backtest';
};
openAsked(askedFor);
addEventListener('hashchange', () => {
  const asked = location.hash;
  openAsked(asked);
  // Another pair's; any other, as the skip link's, leaves the address as it was.
  if (/^#[A-Z]/.test(asked) && asked !== address.peek()) location.reload();
  else history.replaceState(null, '', address.peek());
});

// Whoever signs in may read more than before.
let name = account.peek()?.name;
effect(() => {
  const before = name;
  name = account.value?.name;
  if (!name || name === before) return;
  untracked(load);
  stream.retry();
});

/** @type {Record<string, () => Promise<unknown>>} */
const DIALOGS = {
  help: () => import('./shell/dialogs.js'),
  feeds: () => import('./shell/dialogs.js'),
  search: () => import('./shell/search.js'),
  settings: () => import('./shell/settings-dialog.js'),
  rules: () => import('./alerting/rules-dialog.js'),
  backtest: () => import('./analytics/backtest-dialog.js'),
  statistics: () => import('./analytics/statistics-dialog.js'),
  skill: () => import('./analytics/skill-dialog.js'),
};

function noFeeds() {
  dialog.value = null;
  if (room.peek() === 'feeds') room.value = 'chart';
}

// What is not seen at first is fetched when it is first wanted.
effect(() => {
  const asked = DIALOGS[dialog.value ?? '']?.();
  if (asked) void wanted(asked, () => (dialog.value = null));
  if (machineShown.value) void wanted(import('./time-machine/bar.js'), () => (machineShown.value = false));
  if (accountShown.value) void wanted(import('./shell/account-dialog.js'), () => (accountShown.value = false));
  if (opened.value) void wanted(import('./news/reader.js'), () => (opened.value = null));
  if (tableShown.value) void wanted(import('./chart/candle-table.js'), () => (tableShown.value = false));
  if (moreAsked.value) void wanted(import('./chart/more.js'), () => (moreAsked.value = false));
  if (comparing.value) void wanted(import('./chart/compare.js'), () => (comparing.value = null));
  if (dialog.value === 'feeds' || room.value === 'feeds') void wanted(import('./market/feed-table.js'), noFeeds);
});

// The page begins here: it defines the elements, fetches what they show, and follows the stream.
import { effect, untracked } from './vendor/signals-core/signals-core.js';
import './shell/header.js';
import './shell/banners.js';
import './shell/tabs.js';
import './shell/keyboard.js';
import './shell/announce.js';
import './market/watchlist.js';
import './market/pair-head.js';
import './market/tape.js';
import './market/feed-strip.js';
import './chart/toolbar.js';
import './chart/chart.js';
import { tableShown } from './chart/toolbar.js';
import './alerting/alert-list.js';
import './news/news-list.js';
import { alerts, alertsRemote, rulesRemote } from './alerting/alerts-state.js';
import { candlesRemote } from './market/candles.js';
import { feedsRemote } from './market/feeds-state.js';
import { selected } from './market/pairs.js';
import { quotesRemote } from './market/quotes.js';
import { loadSparks, sparks, watchRemote } from './market/watch-state.js';
import { articles, newsRemote, opened } from './news/news-state.js';
import { dialog, room } from './shell/layout-state.js';
import { configRemote } from './shell/server-state.js';
import { newsOf } from './shell/settings.js';
import { follow } from './stream/live.js';

/** Fetch everything but the selected pair's own, which follow the selection. */
function load() {
  for (const remote of [feedsRemote, watchRemote, alertsRemote, rulesRemote, newsRemote]) void remote.load();
  void Promise.all([configRemote.load(), quotesRemote.load()]).then(loadSparks);
}

/** The origin changed: what is shown belongs to another market. */
function reload() {
  articles.value = [];
  alerts.value = [];
  sparks.value = new Map();
  load();
}

load();
follow(reload);

let first = true; // load() has fetched those
effect(() => {
  if (newsOf.value === 'pair') void selected.value;
  if (!first) untracked(() => void newsRemote.load({ anew: true }));
  first = false;
});

// The forecasts wait for the chart.
effect(() => {
  if (candlesRemote.state.value.phase !== 'loading') void import('./analytics/forecast.js');
});

// What is not seen at first is fetched when it is first wanted.
effect(() => {
  if (opened.value) void import('./news/reader.js');
  if (dialog.value) void import('./shell/dialogs.js');
  if (dialog.value === 'skill') void import('./analytics/skill-dialog.js');
  if (tableShown.value) void import('./chart/candle-table.js');
  if (dialog.value === 'feeds' || room.value === 'feeds') void import('./market/feed-table.js');
});

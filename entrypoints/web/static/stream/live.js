// The page's one stream and what each room does with its rows.
import { effect, signal, untracked } from '../vendor/signals/signals.js';
import { alertsRemote, takeAlerts } from '../alerting/alerts-state.js';
import { alertSpoken } from '../alerting/alert-words.js';
import { candlesRemote, isWanted, showCandles, takeCandles } from '../market/candles.js';
import { feedsRemote, takeFeeds } from '../market/feeds-state.js';
import { comparing, interval, others, selected } from '../market/pairs.js';
import { forgetQuotes, quotesRemote, takeTickers } from '../market/quotes.js';
import { showTrades, takeTrades, tradesRemote } from '../market/tape-state.js';
import { newsRemote, takeNewArticles } from '../news/news-state.js';
import { interrupt } from '../shell/live-region.js';
import { asOf } from '../time-machine/clock.js';
import { pairInUrl } from './api.js';
import { Inbox } from './inbox.js';
import { countRow } from './rate.js';
import { Stream } from './socket.js';

/** @typedef {import('./socket.js').Channel} Channel */

/** @type {import('./inbox.js').Rooms} */
export const rooms = {
  candles: takeCandles,
  tickers: takeTickers,
  trades: takeTrades,
  articles: takeNewArticles,
  alerts: (rows) => {
    for (const alert of takeAlerts(rows)) if (alert.status === 'raised' && asOf.peek() === null) interrupt(alertSpoken(alert));
  },
  feeds: takeFeeds,
};
const inbox = new Inbox(rooms);

/** @type {Partial<Record<Channel, {load: () => Promise<void>}>>} */
export const remotes = {
  candles: candlesRemote,
  tickers: quotesRemote,
  trades: tradesRemote,
  articles: newsRemote,
  alerts: alertsRemote,
  feeds: feedsRemote,
};

const address = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/v1/stream`;

export const stream = new Stream(address, {
  row: (channel, row) => {
    countRow();
    if (channel !== 'candles' || isWanted(row)) inbox.put(channel, row);
  },
  session: beginAnew,
});

let refetchAll = () => {};
/** Counts the changes of origin, and of the time that is shown. */
export const sessions = signal(0);

/** Nothing that is shown holds any longer: fetch all of it. */
export function beginAnew() {
  inbox.forget();
  forgetQuotes();
  refetchAll();
  showTrades();
  showCandles();
  sessions.value++;
}

/** Connect, and follow the selected pair: its trades and candles, fetched first and then live. @param {() => void} refetch called when nothing shown holds any longer */
export function follow(refetch) {
  refetchAll = refetch;
  for (const channel of /** @type {const} */ (['tickers', 'articles', 'alerts', 'feeds'])) stream.subscribe(channel);
  effect(() => {
    const pair = [pairInUrl(selected.value)];
    stream.subscribe('trades', pair);
    untracked(showTrades);
  });
  effect(() => {
    const compared = comparing.value ? others.value.filter((pair) => pair !== selected.value) : [];
    stream.subscribe('candles', [selected.value, ...compared].map(pairInUrl));
  });
  effect(() => {
    void selected.value;
    void interval.value;
    untracked(showCandles);
  });
  stream.connect();
}

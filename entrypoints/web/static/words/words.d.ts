/** Every word of the page: flat keys, functions where something is counted or named. Each language has them all. */
export interface Words {
  code: string;
  skip: string;

  watchlist: string;
  chart: string;
  news: string;
  alerts: string;
  feeds: string;
  rooms: string;
  notices: string;
  trades: string;
  openShortly: string;

  origin: Record<'live' | 'simulated' | 'recording', string>;
  originTitle: {
    live: string;
    simulated: string;
    recording: string;
  };
  themeTitle: string;
  zoneTitle: string;
  close: string;
  retry: string;
  loading: string;
  loadingShort: string;

  serverAway: string;
  serverSlow: string;
  serverGarbled: string;
  serverRefused: (status: number) => string;
  streamRefused: (detail: string) => string;
  reconnecting: string;
  reconnectingIn: (time: string) => string;
  showing: (time: string) => string;
  connectionLost: string;
  connectionBack: string;
  nextTryIn: (time: string) => string;
  nextTryAt: (time: string) => string;

  pair: string;
  day: string;
  price: string;
  priceChange: string;
  noPrice: string;
  editWatchlist: string;
  sortedByChange: string;
  sortedAsGiven: string;
  watch: (pair: string) => string;
  unwatch: (pair: string) => string;
  dayHigh: string;
  dayLow: string;
  dayVolume: string;
  spread: string;
  basisPoints: (value: string) => string;
  percent: (value: string) => string;

  toolbar: string;
  interval: string;
  overlays: string;
  vwap: string;
  table: string;
  tableOf: (pair: string, interval: string) => string;
  chartOf: (pair: string, interval: string) => string;
  chartKeys: string;
  chartsBy: string;
  openShort: string;
  highShort: string;
  lowShort: string;
  closeShort: string;
  volumeShort: string;
  openPrice: string;
  highPrice: string;
  lowPrice: string;
  closePrice: string;
  volume: string;
  time: string;
  noTradesInBar: string;
  noCandles: string;
  loadingOlder: string;
  barSpoken: (time: string, open: string, high: string, low: string, close: string, volume: string) => string;

  side: string;
  buy: string;
  sell: string;
  sideUnknown: string;
  noTrades: string;
  tapeOf: (pair: string) => string;
  perSecond: (rate: string) => string;

  all: string;
  newsFilter: string;
  noNews: string;
  noNewsOf: (tag: string) => string;
  read: string;
  readTitle: (title: string) => string;
  opensAway: string;
  openAt: (source: string) => string;
  published: string;
  knownSince: string;
  sourceDown: (name: string, reason: string | null) => string;
  sentiment: Record<'positive' | 'neutral' | 'negative', string>;

  noAlerts: string;
  open: (n: number) => string;
  rose: (pair: string, percent: string, time: string) => string;
  fell: (pair: string, percent: string, time: string) => string;
  alertSpoken: (title: string) => string;
  byRule: (name: string) => string;
  acknowledge: string;
  silence: string;
  silenceTitle: string;
  resolve: string;
  actOn: (command: string, title: string) => string;
  alertStatus: Record<'raised' | 'acknowledged' | 'silenced' | 'resolved', string>;
  silencedUntil: (time: string) => string;
  alertDone: {
    acknowledge: (pair: string) => string;
    silence: (pair: string) => string;
    resolve: (pair: string) => string;
  };

  feedsStrip: string;
  allFeeds: string;
  marketFeeds: string;
  newsFeeds: string;
  serverParts: string;
  noFeeds: string;
  feedsFailed: (reason: string) => string;
  pairsTogether: (n: number) => string;
  feedState: Record<'connecting' | 'live' | 'stale' | 'down' | 'ended', string>;
  gaps: (n: number, text: string) => string;
  missing: (n: number, text: string) => string;
  complete: (share: string) => string;
  marketDown: (reason: string | null) => string;
  pairsDown: (names: string, reason: string | null) => string;
  marketBack: string;
  sinceTime: (time: string) => string;
  lastMessage: string;
  lag: string;
  gapsFound: string;
  stillMissing: string;
  backfilled: string;
  completeness: string;
  nextFetch: string;
  updates: (n: string) => string;

  seconds: (n: string | number) => string;
  minutes: (n: number) => string;
  hours: (n: number) => string;
  days: (n: number) => string;

  help: string;
  keys: string;
  keysOn: string;
  keyList: [string, string][];
  settings: string;
  theme: string;
  themes: Record<'auto' | 'dark' | 'light', string>;
  language: string;
  asBrowser: string;
  zone: string;
  zones: Record<'local' | 'utc', string>;
  about: string;
  licences: string;
}

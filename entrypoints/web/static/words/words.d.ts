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

  origin: Record<'live' | 'simulated' | 'recording', string>;
  condition: Record<'behind' | 'stale' | 'lost' | 'past' | 'replay', string>;
  originTitle: {
    live: string;
    simulated: string;
    recording: string;
  };
  themeTitle: string;
  zoneTitle: string;
  search: string;
  newVersion: string;
  reload: string;
  noNetwork: string;
  rules: string;
  testStrategy: string;
  statistics: string;
  signIn: string;
  signedInAs: (name: string) => string;
  close: string;
  retry: string;
  loading: string;

  serverAway: string;
  serverSlow: string;
  serverGarbled: string;
  serverRefused: (status: number) => string;
  streamRefused: string;
  reconnecting: string;
  notFollowed: (pair: string) => string;
  unfetched: string;
  reconnectingIn: (time: string) => string;
  pricesOf: (time: string) => string;
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
  compare: string;
  more: string;
  chartOf: (pair: string, interval: string) => string;
  chartKeys: string;
  chartsBy: string;
  openShort: string;
  highShort: string;
  lowShort: string;
  closeShort: string;
  volumeShort: string;
  time: string;
  noTradesInBar: string;
  noCandles: string;
  /** The same of a time in the past: nothing may follow. */
  noneThen: Record<'candles' | 'trades' | 'news' | 'alerts' | 'feeds', string> & { newsOf: (tag: string) => string };
  loadingOlder: string;
  barSpoken: (time: string, open: string, high: string, low: string, close: string, volume: string) => string;

  side: string;
  buy: string;
  sell: string;
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
  articleChange: { revised: string; completed: string };
  sourceDown: (name: string, reason: string | null) => string;
  sentiment: Record<'positive' | 'neutral' | 'negative', string>;

  noAlerts: string;
  open: (n: number) => string;
  rose: (pair: string, percent: string, time: string) => string;
  fell: (pair: string, percent: string, time: string) => string;
  volumeBurst: (pair: string, percent: string, time: string) => string;
  spreadWidening: (pair: string, percent: string, time: string) => string;
  newsBetter: (pair: string, points: string, time: string) => string;
  newsWorse: (pair: string, points: string, time: string) => string;
  feedSilent: (pair: string, time: string) => string;
  forecastBroken: (pair: string, percent: string, time: string) => string;
  alertSpoken: (title: string) => string;
  byRule: (name: string) => string;
  acknowledge: string;
  acknowledgeAll: (count: number) => string;
  silence: string;
  silenceTitle: string;
  resolve: string;
  actOn: (command: string, title: string) => string;
  alertStatus: Record<'raised' | 'acknowledged' | 'silenced' | 'resolved', string>;
  silencedUntil: (time: string) => string;

  forecasts: string;
  howGood: string;
  ahead: (time: string) => string;
  noForecast: string;
  noEdge: string;
  expected: (price: string) => string;
  way: Record<1 | -1, string>;
  held: (share: string, n: string, level: string) => string;
  notScored: (level: string) => string;

  feedsStrip: string;
  allFeeds: string;
  noFeeds: string;
  feedsFailed: string;
  pairsTogether: (n: number) => string;
  feedState: Record<'connecting' | 'live' | 'stale' | 'down' | 'ended', string>;
  gaps: (n: number, text: string) => string;
  missing: (n: number, text: string) => string;
  complete: (share: string) => string;
  marketDown: string;
  pairsDown: (names: string, reason: string | null) => string;
  marketBack: string;
  updates: (n: number, text: string) => string;

  seconds: (n: string | number) => string;
  minutes: (n: number) => string;
  hours: (n: number) => string;
  days: (n: number) => string;

  help: string;
  keysOn: string;
  timeMachine: string;
  inThePast: string;
  settings: string;
}

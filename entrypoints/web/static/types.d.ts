// Known everywhere without an import, so that the modules a browser loads need not name where a type comes from.

/** Rows of the API: the same in REST lists and in the stream's `data`. Decimals are strings, times RFC 3339 in UTC. */

type Origin = 'live' | 'snapshot' | 'backfill' | 'simulated' | 'recording';

interface Row {
  origin: Origin;
  recorded_at: string;
}

interface Ticker extends Row {
  pair: string;
  last: string;
  bid: string | null;
  ask: string | null;
  volume_24h: string | null;
  pct_change: string | null;
  timestamp: string;
  vwap_24h: string | null;
  low_24h: string | null;
  high_24h: string | null;
  change_24h: string | null;
}

interface Trade extends Row {
  pair: string;
  price: string;
  volume: string;
  timestamp: string;
  side: 'b' | 's' | null;
  trade_id: number | null;
  order_type: string | null;
  event_id: string;
}

interface Candle extends Row {
  pair: string;
  interval: string;
  start: string;
  open: string;
  high: string;
  low: string;
  close: string;
  volume: string;
  buy_volume: string;
  sell_volume: string;
  vwap: string | null;
  trades: number;
  closed: boolean;
}

interface Article extends Row {
  id: string;
  title: string;
  url: string;
  source: string;
  summary: string | null;
  content: string | null;
  published_at: string | null;
  scraped_at: string;
  tags: string[];
  authors: string[];
  sentiment: { score: number; label: 'positive' | 'neutral' | 'negative'; model: string; version: string } | null;
  revision: number;
  /** When we recorded this version; null in the first. */
  revised_at: string | null;
  change: 'revised' | 'completed' | null;
  /** Null wherever articles are listed. */
  price_reaction?: Reaction[] | null;
}

/** What the price of a pair did after an article. */
interface Reaction {
  pair: string;
  horizon_s: number;
  change_pct: string | null;
  usual_change_pct: string | null;
  share_as_large: string | null;
  observations: number;
  reason: string | null;
}

interface Prediction extends Row {
  pair: string;
  horizon_s: number;
  issued_at: string;
  target_at: string;
  price: string;
  lower: string;
  upper: string;
  level: string;
  model: string;
  served_because: string;
  actual: string | null;
  inside: boolean | null;
}

/** A stretch in which trades were missed. */
interface Gap extends Row {
  start: string;
  end: string;
  trades: number;
  missing: number;
  state: 'missing' | 'backfilled';
}

interface Skill extends Row {
  pair: string;
  horizon_s: number;
  model: string;
  n: number;
  mae_ratio: number | null;
  direction: number | null;
  direction_low: number | null;
  direction_high: number | null;
  coverage: number | null;
  winkler: number | null;
}

interface Alert extends Row {
  id: string;
  pair: string;
  rule_id: string;
  kind: string;
  pct_change: string;
  price: string;
  reference_price: string;
  window_s: number;
  observed: string | null;
  usual: string | null;
  timestamp: string;
  status: 'raised' | 'acknowledged' | 'silenced' | 'resolved';
  silenced_until: string | null;
}

interface AlertRule extends Row {
  id: string;
  name: string;
  kind: string;
  pair: string | null;
  threshold_pct: string;
  window_s: number;
  enabled: boolean;
  version: number;
  notify?: string[];
}

interface Feed {
  name: string;
  kind: 'market' | 'news';
  state: 'connecting' | 'live' | 'stale' | 'down' | 'ended';
  since: string | null;
  last_message_at: string | null;
  lag_s: number | null;
  quiet_s?: number | null;
  gaps: number;
  missing: number;
  backfilled: number;
  completeness: number | null;
  trades: number | null;
  trades_since: string | null;
  error: string | null;
  next_try_at: string | null;
  paused: boolean;
  paused_by: string | null;
  origin?: Origin;
}

interface Config {
  pairs: string[];
  feeds: { name: string; url: string }[];
  intervals: string[];
  origin: Origin;
  profile: string;
  version: string;
}

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** The chart library's types, under names of their own. */
type ChartTime = import('./vendor/lightweight-charts/lightweight-charts.js').Time;
type ChartStamp = import('./vendor/lightweight-charts/lightweight-charts.js').UTCTimestamp;
type ChartPrimitive = import('./vendor/lightweight-charts/lightweight-charts.js').ISeriesPrimitive<ChartTime>;
type ChartAttached = import('./vendor/lightweight-charts/lightweight-charts.js').SeriesAttachedParameter<ChartTime>;
type ChartCanvas = import('fancy-canvas').CanvasRenderingTarget2D;
type ChartPalette = ReturnType<typeof import('./chart/look.js').palette>;

/** A bar of the chart, `time` in UTC seconds; no row: nothing was traded. */
interface Bar {
  time: number;
  row: Candle | null;
}

/** What was asked of the API before its module had come, by path. Admin pages ask for nothing so early. */
declare var askedAhead: Map<string, Promise<Response>> | undefined;

/** The words of the tools around the chart. Each language has them all. What the server says itself is English: `said`. */
export interface ToolWords {
  names: Record<'backtest' | 'rules' | 'statistics' | 'settings', string>;

  search: string;
  searchHint: string;
  searchKeys: string;
  found: string;
  recent: string;
  pairs: string;
  toolsFound: string;
  results: (n: number) => string;
  nothingFound: (text: string) => string;

  theme: string;
  themes: Record<'auto' | 'dark' | 'light', string>;
  language: string;
  asBrowser: string;
  zone: string;
  zones: Record<'local' | 'utc', string>;
  colours: string;
  colourSchemes: Record<'safe' | 'classic' | 'red-up', string>;
  settingsKept: string;

  rulesMeaning: string;
  newRule: string;
  changeRule: string;
  noRules: string;
  noRulesThen: string;
  on: string;
  off: string;
  switchOn: string;
  switchOff: string;
  change: string;
  back: string;
  anyPair: string;
  ruleName: string;
  kind: string;
  kindNames: Record<string, string>;
  kindMeaning: (kind: string, said: string) => string;
  threshold: string;
  thresholdMeaning: (kind: string, said: string) => string;
  window: string;
  windowSeconds: string;
  windowMeaning: (kind: string, said: string) => string;
  bounds: (least: string, most: string) => string;
  notify: string;
  toldTo: (text: string, n: number) => string;
  saveRule: string;
  createRule: string;
  ruleConflict: string;
  takeTheirs: string;
  keepMine: string;
  preview: string;
  previewHint: string;
  overTheLast: string;
  wouldHaveRaised: (text: string, n: number, time: string) => string;
  watchedFrom: (time: string) => string;
  nothingWatched: string;
  newestOf: (n: string, all: string) => string;
  previewPlot: (pair: string, text: string, n: number) => string;

  strategy: string;
  strategyNames: Record<string, string>;
  strategyMeaning: (name: string, said: string) => string;
  parameterNames: Record<string, string>;
  parameterMeaning: (name: string, said: string) => string;
  noStrategies: string;
  stretch: string;
  allThereIs: string;
  lastDays: (n: number) => string;
  fee: string;
  feeHint: string;
  slippage: string;
  slippageHint: string;
  run: string;
  runningBacktest: string;
  buyAndHold: string;
  drawdown: string;
  plotOf: (strategy: string, pair: string) => string;
  verdict: (own: string, held: string, better: boolean) => string;
  deepest: (percent: string) => string;
  tradesMade: (text: string, n: number) => string;
  fromTo: (start: string, end: string, bars: string) => string;
  figures: string;
  figure: string;
  meaning: string;
  figureNames: Record<FigureName, string>;
  figureMeanings: Record<FigureName, string>;
  feeSensitivity: string;
  asRun: string;
  curveTable: string;
  tradesList: (n: string) => string;
  noRounds: string;
  bought: string;
  sold: string;
  stillOpen: string;
  notAPromise: string;

  statisticsMeaning: string;
  noStatistics: string;
  noStatisticsThen: string;
  dayReturn: string;
  volatility: string;
  meanSpread: string;
  bars: string;
  buys: string;
  ofKnownSides: (share: string) => string;
  correlations: string;
  correlationsMeaning: string;

  noSkill: string;
  noSkillThen: string;
  allFigures: string;
  skillMeaning: string;
  shownNow: (model: string) => string;
  noChange: string;
  better: (model: string, percent: string, n: string) => string;
  tooFew: (model: string, n: string) => string;
  notBetter: (model: string, n: string) => string;
  rightWay: (share: string, edge: boolean) => string;
  errorRatio: string;
  directionRight: string;
  rangeHeld: string;
  winkler: string;
  within: string;
  priceMoved: string;
  usualMove: string;
  asLarge: string;
  cases: string;
  reactionMeaning: string;
  published: string;
  knownSince: string;
  openAt: (source: string) => string;
  aboutNoPair: string;
  horizon: string;
  model: string;
  priceAfter: string;
}

type FigureName =
  | 'return_pct'
  | 'cagr_pct'
  | 'max_drawdown_pct'
  | 'max_drawdown_s'
  | 'volatility_pct'
  | 'sharpe'
  | 'sortino'
  | 'calmar'
  | 'exposure_pct'
  | 'trades'
  | 'win_rate_pct'
  | 'profit_factor'
  | 'expectancy_pct'
  | 'best_trade_pct'
  | 'worst_trade_pct';

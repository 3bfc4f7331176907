/** The words of what is laid over the chart. Each language has them all. */
export interface ChartWords {
  laidOver: string;
  averages: string;
  singleTrades: string;
  forecastCone: string;
  gapsInData: string;
  zoomForTrades: string;
  savePicture: string;
  saveTable: string;
  gapMissing: (n: number, text: string) => string;
  gapFilled: (n: number, text: string) => string;
  newsThen: (title: string) => string;
  alertThen: string;
  forecastThen: (ahead: string, range: string, held: boolean) => string;
  forecastsOf: (pair: string, ahead: string) => string;
  noneDue: string;
  noneDueThen: string;
  due: string;
  range: string;
  became: string;
  outcome: string;
  heldOrNot: (held: boolean) => string;
  gapsOf: (pair: string) => string;
  noGaps: string;
  until: string;
  missed: string;
  now: string;
  gapStates: Record<'missing' | 'backfilled', string>;
  comparedWith: (pairs: string) => string;
  onOneScale: string;
  sideBySide: string;
  sinceLeft: string;
  chooseOthers: string;
  percentOf: (pairs: string, interval: string, since: string) => string;
  pricesOf: (pairs: string, interval: string) => string;
}

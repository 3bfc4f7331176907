/** The words of the time machine. Each language has them all. */
export interface TimeWords {
  live: string;
  backToLive: string;
  asKnownAt: (time: string) => string;
  replayed: (times: number) => string;
  present: string;
  time: string;
  stretch: string;
  stretches: Record<'1' | '6' | '24' | '168', string>;
  earlier: string;
  later: string;
  speed: string;
  play: string;
  pause: string;
  told: (time: string) => string;
  isLive: string;
  dateAndTime: (zone: string) => string;
  beganAt: (time: string) => string;
  goThere: string;
  goToBeginning: string;
  noSuchTime: string;
  tooEarly: string;
  notYet: string;
  refused: (reason: string) => string;
}

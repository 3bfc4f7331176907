// What changes without being asked for is told: in the title, and to those who listen instead of looking.
import { effect, untracked } from '../vendor/signals/signals.js';
import { words } from '../format/language.js';
import { priced } from '../format/number.js';
import { moment, now } from '../format/time.js';
import { marketTroubles } from '../market/feeds-state.js';
import { interval, selected } from '../market/pairs.js';
import { digitsOf, quotes } from '../market/quotes.js';
import { stream } from '../stream/live.js';
import { say } from './live-region.js';
import { origin } from './server-state.js';
import { asOf } from '../time-machine/clock.js';

effect(() => {
  void now.value; // once a second, not with every tick of the price
  const w = words.value;
  const pair = selected.value;
  const from = origin.value;
  const price = untracked(() => {
    const quote = quotes.value.get(pair);
    return quote ? `${priced(quote.row.last, digitsOf(pair))} ` : '';
  });
  const prefix = from && from !== 'live' ? `${w.origin[from]} · ` : '';
  const past = asOf.value === null ? '' : `${moment(new Date(asOf.value).toISOString())} · `;
  document.title = `${prefix}${past}${price}${pair} · CryptoViz`;
});

effect(() => {
  const skip = document.querySelector('.skip');
  if (skip) skip.textContent = words.value.skip;
});

let first = true;
effect(() => {
  const text = words.value.chartOf(selected.value, interval.value);
  if (!first) say(text);
  first = false;
});

let wasLost = false;
effect(() => {
  const { lost } = stream.link.value;
  if (lost !== wasLost) say(lost ? words.peek().connectionLost : words.peek().connectionBack);
  wasLost = lost;
});

/** @type {string} */
let before = '';
effect(() => {
  const troubles = marketTroubles.value;
  const down = troubles.flatMap((trouble) => trouble.feeds.map((feed) => feed.name)).join(', ');
  if (down === before) return;
  say(down ? words.peek().pairsDown(down, troubles[0]?.reason ?? null) : words.peek().marketBack);
  before = down;
});

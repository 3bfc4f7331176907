// Going to another time and back. The page is filled anew as it was known then; the stream's rows of the present wait
// outside, or the server plays those of the past.
import { effect, signal, untracked } from '../vendor/signals/signals.js';
import { stepOf } from '../market/candles.js';
import { comparing, interval, others, selected } from '../market/pairs.js';
import { WRITTEN_MS } from '../market/tape-state.js';
import { beginAnew, remotes, stream } from '../stream/live.js';
import { asOf, machineShown, speed } from './clock.js';
import { beginning } from './covered.js';

export const SPEEDS = [1, 10, 60, 100];
/** So near the present, it is the present. */
const PRESENT_MS = 1000;
/** A time that is passed on the way to another is not fetched. */
const SETTLED_MS = 150;

/** Why the server does not play the past; null when nothing is wrong. */
export const refusal = signal(/** @type {string | null} */ (null));
/** How fast the next replay goes. */
export const pace = signal(10);

/** Replays that were ended and still send: what comes before the server has said so belongs to them. */
let ending = 0;
/** Whether the present follows when they have ended. */
let returning = false;
/** Runs until the reader has settled on a time. */
let timer = 0;
/** How fast it goes on from there; 0: it stands still. */
let onward = 0;
/** How fast it was played when the line broke; 0: it was not. */
let brokenOff = 0;

/** @param {any} message @returns {boolean} whether that was for us, and not for the page */
function hear(message) {
  if (message.channel === 'session') return hearSession(message);
  if (message.channel === 'error') return hearError(String(message.detail ?? ''));
  if (message.channel === 'pong') goOn();
  if (message.replay) return ending > 0 || !speed.peek();
  return asOf.peek() !== null && message.data !== undefined;
}

/** @param {any} message */
function hearSession(message) {
  if (message.replay === undefined) {
    // The data are another origin's: there is no past of before to show.
    clearTimeout(timer);
    ending = timer = brokenOff = speed.value = 0;
    returning = false;
    asOf.value = null;
    return false;
  }
  if (message.replay === null) hasEnded();
  else if (!ending && speed.peek()) asOf.value = Date.parse(message.replay.at);
  return true;
}

/** One of the replays that were ended sends no more. */
function endedOne() {
  ending--;
  if (!ending && returning) showPresent();
}

function hasEnded() {
  if (ending) endedOne();
  else if (speed.peek()) {
    // It has reached the present, and goes on from there.
    speed.value = 0;
    asOf.value = null;
    refresh();
  }
}

/** @param {string} detail */
function hearError(detail) {
  if (ending) {
    endedOne(); // refused before it was ended: the server says no more of it
    return true;
  }
  if (!speed.peek()) return false;
  refusal.value = detail;
  speed.value = 0;
  return true;
}

/** Fetch what shows with what came meanwhile. */
function refresh() {
  for (const remote of Object.values(remotes)) void remote.load();
}

function showPresent() {
  returning = false;
  asOf.value = null;
  fill();
  for (const wait of WRITTEN_MS) setTimeout(() => asOf.peek() === null && refresh(), wait);
}

function fill() {
  clearTimeout(timer);
  timer = 0;
  beginAnew();
}

/** The past stands still. */
export function pause() {
  if (!speed.peek()) return;
  speed.value = 0;
  ending++;
  stream.send({ action: 'live' });
}

/** Show the page as it was known at a time; where the log begins later, as it was then. @param {number} at in milliseconds since 1970 */
export function goTo(at) {
  if (at > Date.now() - PRESENT_MS) return void goLive();
  if (!timer) onward = speed.peek(); // on the way to another time it stands still
  pause();
  returning = false;
  refusal.value = null;
  machineShown.value = true;
  asOf.value = at;
  clearTimeout(timer);
  const settled = setTimeout(async () => {
    const first = await beginning();
    if (timer !== settled) return; // another time was chosen meanwhile
    asOf.value = Math.max(at, first);
    fill();
    if (onward) play(onward);
  }, SETTLED_MS);
  timer = settled;
}

/** A bar of the chart forward or back; forward to within a bar of the present is live. @param {1 | -1} way */
export function step(way) {
  const bar = stepOf(interval.peek()) * 1000;
  const at = (asOf.peek() ?? Date.now()) + way * bar;
  if (way > 0 && at > Date.now() - bar) goLive();
  else goTo(at);
}

/** Play what came after the time that is shown; from the present, the last bar of the chart again. @param {number} [times] */
export function play(times = pace.peek()) {
  if (stream.link.peek().phase !== 'open') return; // nobody would play it
  if (asOf.peek() === null) {
    machineShown.value = true;
    asOf.value = Date.now() - stepOf(interval.peek()) * 1000;
    fill();
  }
  if (timer) fill();
  pause();
  returning = false;
  refusal.value = null;
  pace.value = speed.value = times;
  stream.send({ action: 'replay', from: new Date(asOf.peek() ?? 0).toISOString(), speed: times });
}

/** Play what was broken off, from the last second that was told. */
function goOn() {
  const times = brokenOff;
  brokenOff = 0;
  if (times) play(times);
}

/** Return to the present. */
export function goLive() {
  if (asOf.peek() === null) return;
  refusal.value = null;
  clearTimeout(timer);
  timer = brokenOff = 0;
  pause();
  if (ending) returning = true; // what the server tells until then is fetched when it is live again
  else showPresent();
}

/** @param {string} key one of [ ] l and Space */
export function press(key) {
  if (key === '[') step(-1);
  else if (key === ']') step(1);
  else if (key === 'l') goLive();
  else if (speed.peek()) pause();
  else play();
}

stream.past = hear;

// A line that broke plays nothing. The next one does, once it has answered what was asked before: what it refuses is not of us.
effect(() => {
  const { phase, lost } = stream.link.value;
  if (lost) {
    brokenOff ||= speed.peek();
    ending = speed.value = 0;
    if (returning) untracked(showPresent);
  } else if (phase === 'open' && brokenOff) stream.send({ action: 'ping' });
});

// What is shown of another pair is fetched as of the last second that was told; it is played from there.
effect(() => {
  void [selected.value, interval.value, comparing.value, others.value];
  untracked(() => {
    if (speed.peek()) play(speed.peek());
  });
});

effect(() => {
  document.body.toggleAttribute('data-past', asOf.value !== null);
});

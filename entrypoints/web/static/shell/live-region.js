// What a screen reader is told. Alerts at once; everything else politely, at most every 5 seconds.
const POLITE_MS = 5000;

/** @type {string[]} */
const waiting = [];
let timer = 0;
let spokenAt = 0;

/** @param {string} id @param {string} text */
function speak(id, text) {
  const region = document.getElementById(id);
  if (region) region.textContent = text;
}

function next() {
  timer = 0;
  spokenAt = Date.now();
  speak('polite', waiting.splice(0).join(' '));
}

/** Say it when there is a pause. @param {string} text */
export function say(text) {
  if (!waiting.includes(text)) waiting.push(text);
  if (!timer) timer = setTimeout(next, Math.max(100, spokenAt + POLITE_MS - Date.now()));
}

/** @type {string[]} */
const urgent = [];

/** Say it now, with what else comes at once. @param {string} text */
export function interrupt(text) {
  if (urgent.push(text) === 1) queueMicrotask(() => speak('assertive', urgent.splice(0).join(' ')));
}

// <cv-time-machine>: the time that the page shows, a slider to another, and the replay from there.
import { html, noChange, nothing, svg } from '../vendor/lit/lit.js';
import { effect, signal, untracked } from '../vendor/signals/signals.js';
import { laterWords } from '../format/later-words.js';
import { full, now, zoneLabel } from '../format/time.js';
import { say } from '../shell/live-region.js';
import { stylesheet } from '../shell/stylesheet.js';
import { View } from '../shell/view.js';
import { asOf, machineShown, speed } from './clock.js';
import { beganAt, chosen, ticks } from './covered.js';
import { readTyped, typed } from './typed-time.js';
import { goLive, goTo, pace, pause, play, refusal, SPEEDS, step } from './travel.js';

const words = await laterWords({
  en: async () => (await import('../words/time-en.js')).time,
  fr: async () => (await import('../words/time-fr.js')).time,
});
await stylesheet('time-machine');

/** What the slider can cover, in hours, and in how many steps. */
const STRETCHES = /** @type {const} */ ([1, 6, 24, 168]);
const STEPS = 720;
const HOUR_MS = 3_600_000;

const sign = (/** @type {unknown} */ path) => html`<svg class="arrow" viewBox="0 0 10 10" aria-hidden="true">${path}</svg>`;
const run = sign(svg`<path d="M1 0v10L9.5 5Z" />`);
const halt = sign(svg`<path d="M1 0h3v10H1ZM6 0h3v10H6Z" />`);

/** What is wrong with the time that was typed. */
const wrong = signal(/** @type {'noSuchTime' | 'tooEarly' | 'notYet' | null} */ (null));
/** Whether someone is at the field or its button: a replay does not write over it. */
const typing = signal(false);

/** What was chosen, or longer where that does not reach back to the time that is shown. @returns {typeof STRETCHES[number]} */
function covered() {
  const back = asOf.value === null ? 0 : now.value - asOf.value;
  return STRETCHES.find((hours) => hours >= chosen.value && hours * HOUR_MS >= back) ?? 168;
}

class TimeMachine extends View {
  view() {
    const at = asOf.value;
    this.hidden = !machineShown.value && at === null;
    if (this.hidden) return nothing;
    const w = words.value;
    const playing = speed.value > 0;
    const known = at === null ? w.present : w.asKnownAt(full(at));
    const stretch = covered();
    return html`<section class="time-machine" role="group" aria-label=${w.time}>
      <button class="button ${at === null ? 'primary' : ''} to-live" ?disabled=${at === null} @click=${goLive}>
        <span class="dot" aria-hidden="true"></span>${at === null ? w.live : w.backToLive}
      </button>
      <p class="known">${playing ? html`<b>${w.replayed(speed.value)}</b> · ` : nothing}<time datetime=${at === null ? nothing : new Date(at).toISOString()}>${known}</time></p>
      <select aria-label=${w.speed} @change=${hasten}>
        ${SPEEDS.map((times) => html`<option value=${times} ?selected=${times === pace.value}>${times}×</option>`)}
      </select>
      <button class="button play" title=${playing ? w.pause : w.play} @click=${() => (playing ? pause() : play())}>
        ${playing ? halt : run}<span class="sr">${playing ? w.pause : w.play}</span>
      </button>
      <div class="travel">
        ${button('‹', w.earlier, () => step(-1))}
        <span class="slider">${marks(stretch)}<input type="range" min=${-STEPS} max="0" step="1" aria-label=${w.time} aria-valuetext=${known}
          .value=${String(at === null ? 0 : Math.round(((at - now.value) / HOUR_MS / stretch) * STEPS))}
          @input=${(/** @type {Event} */ event) => this.#slide(event, stretch)} /></span>
        ${button('›', w.later, () => step(1), at === null)}
        <select aria-label=${w.stretch} @change=${choose}>
          ${STRETCHES.map((hours) => html`<option value=${hours} ?selected=${hours === stretch}>${w.stretches[hours]}</option>`)}
        </select>
      </div>
      <form class="typed" novalidate @submit=${goToTyped} @focusin=${() => (typing.value = true)} @focusout=${leave}>
        <label>${w.dateAndTime(zoneLabel.value)}
          <input type="datetime-local" step="1" name="at" max=${typed(now.value)} aria-invalid=${wrong.value !== null}
            aria-describedby=${wrong.value === null ? nothing : 'typed-wrong'}
            .value=${typing.value ? noChange : at === null ? '' : typed(at)} @focus=${begin} @input=${() => (wrong.value = null)} />
        </label>
        <button class="button">${w.goThere}</button>
      </form>
      ${beganAt.value !== null && beganAt.value > now.value - stretch * HOUR_MS
        ? html`<p class="began">${w.beganAt(full(beganAt.value))} <button class="button" @click=${() => goThere(0)}>${w.goToBeginning}</button></p>`
        : nothing}
      ${wrong.value === null ? nothing : html`<p class="inline-error" id="typed-wrong" role="alert">${w[wrong.value]}</p>`}
      ${refusal.value === null ? nothing : html`<p class="inline-error" role="alert" lang="en">${w.refused(refusal.value)}</p>`}
    </section>`;
  }

  /** @param {Event} event @param {number} hours */
  #slide(event, hours) {
    const { value } = /** @type {HTMLInputElement} */ (event.target);
    goThere(Date.now() + (Number(value) / STEPS) * hours * HOUR_MS);
  }
}

/** Where the log begins, if that is later. @param {number} at */
const goThere = (at) => goTo(Math.max(at, beganAt.peek() ?? at));

/** Hatched where nothing was recorded; a tick for each alert and each unusual move. @param {number} hours */
function marks(hours) {
  const place = (/** @type {number} */ at) => Math.max(0, STEPS * (1 + (at - now.value) / HOUR_MS / hours));
  const shown = ticks.value.filter(({ at }) => at > now.value - hours * HOUR_MS);
  return html`<svg class="marks" viewBox="0 0 ${STEPS} 10" preserveAspectRatio="none" aria-hidden="true">
    <defs><pattern id="unrecorded" width="8" height="10" patternUnits="userSpaceOnUse"><path d="M0 10 8 0" /></pattern></defs>
    ${beganAt.value === null ? nothing : svg`<rect width=${place(beganAt.value)} height="10" fill="url(#unrecorded)" />`}
    ${shown.map(({ at, kind }) => svg`<rect class=${kind} x=${place(at)} width="2" height="10" />`)}
  </svg>`;
}

/** @param {string} sign @param {string} name @param {() => void} act @param {boolean} [disabled] */
const button = (sign, name, act, disabled = false) =>
  html`<button class="tool" title=${name} ?disabled=${disabled} @click=${act}><span aria-hidden="true">${sign}</span><span class="sr">${name}</span></button>`;

/** It begins with a time, not with nothing. @param {Event} event */
function begin(event) {
  const field = /** @type {HTMLInputElement} */ (event.target);
  if (!field.value && !field.validity.badInput) field.value = typed(asOf.peek() ?? Date.now());
}

/** @param {FocusEvent} event */
function leave({ currentTarget, relatedTarget }) {
  typing.value = relatedTarget instanceof Node && /** @type {Node} */ (currentTarget).contains(relatedTarget);
}

/** @param {SubmitEvent} event */
function goToTyped(event) {
  event.preventDefault();
  const field = /** @type {HTMLFormElement} */ (event.target).elements.namedItem('at');
  const found = readTyped(/** @type {HTMLInputElement} */ (field).value);
  wrong.value = typeof found === 'number' ? null : found;
  if (typeof found !== 'number') return;
  typing.value = false;
  goThere(found);
}

/** @param {Event} event */
function choose(event) {
  const hours = Number(/** @type {HTMLSelectElement} */ (event.target).value);
  chosen.value = STRETCHES.find((one) => one === hours) ?? 1;
}

/** @param {Event} event */
function hasten(event) {
  pace.value = Number(/** @type {HTMLSelectElement} */ (event.target).value);
  if (speed.peek()) play();
}

customElements.define('cv-time-machine', TimeMachine);

// Whoever puts the bar away is done with the past.
effect(() => {
  if (!machineShown.value) untracked(goLive);
});

let away = false;
effect(() => {
  const at = asOf.value;
  if ((at !== null) === away) return;
  away = at !== null;
  say(at === null ? words.peek().isLive : words.peek().told(full(at)));
});

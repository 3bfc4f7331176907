// <cv-skill-dialog>: how good the forecasts have been, in words for the selected pair, then every figure in a table.
import { html, nothing } from '../vendor/lit/lit.js';
import { signal } from '../vendor/signals/signals.js';
import { words } from '../format/language.js';
import { count, decimal, share } from '../format/number.js';
import { span } from '../format/time.js';
import { tools } from '../format/tool-words.js';
import { selected } from '../market/pairs.js';
import { Dialog } from '../shell/dialog.js';
import { dialog } from '../shell/layout-state.js';
import { trouble } from '../shell/trouble.js';
import { get } from '../stream/api.js';
import { Remote } from '../stream/remote.js';
import { asOf } from '../time-machine/clock.js';
import { fetchWhileOpen } from '../time-machine/fetch-while-open.js';
import { HORIZONS, NAIVE, outlooks } from './forecast-state.js';

const EVERY_MS = 60_000;
/** Percent better than "no change" that is written as more than 0.0. */
const LEAST_GAIN = 0.05;
/** Scored forecasts that it takes to say anything. */
const ENOUGH = 50;

const skills = signal(/** @type {readonly Skill[]} */ ([]));
const skillsRemote = new Remote(
  () => get('predictions/skill/', { limit: 1000 }),
  (page) => (skills.value = page.items),
);
const isOpen = () => dialog.value === 'skill';

fetchWhileOpen(isOpen, skillsRemote);
setInterval(() => {
  if (!document.hidden && isOpen() && skillsRemote.state.peek().phase === 'ready') void skillsRemote.load();
}, EVERY_MS);

/** @param {string} model */
const named = (model) => (model === NAIVE ? tools.value.noChange : model);
/** @param {number} part */
const percent = (part) => words.value.percent(share(part));

class SkillDialog extends Dialog {
  heading() {
    return words.value.howGood;
  }

  shut() {
    if (dialog.peek() === 'skill') dialog.value = null;
  }

  view() {
    if (!isOpen()) return nothing;
    const t = tools.value;
    if (!skills.value.length) return trouble(skillsRemote, t.noSkill, t.noSkillThen);
    const pair = selected.value;
    return html`
      <h3>${pair}</h3>
      <ul class="verdicts">${HORIZONS.map((horizon) => this.#verdict(pair, horizon))}</ul>
      <h3 id="skill-title">${t.allFigures}</h3>
      <p class="quiet">${t.skillMeaning}</p>
      ${this.#table(skills.value.toSorted((a, b) => Number(b.pair === pair) - Number(a.pair === pair)))}`;
  }

  /** @param {string} pair @param {number} horizon */
  #verdict(pair, horizon) {
    const w = words.value;
    const t = tools.value;
    const rivals = skills.value.filter((skill) => skill.pair === pair && skill.horizon_s === horizon && skill.model !== NAIVE);
    const shown = outlooks.value.get(horizon)?.row;
    return html`<li>
      <b>${w.ahead(span(horizon))}</b>
      ${rivals.length ? rivals.map((skill) => html`<div>${verdict(skill)}</div>`) : html`<div>${asOf.value === null ? t.noSkill : t.noSkillThen}</div>`}
      ${shown ? html`<div class="quiet">${t.shownNow(named(shown.model))} (<span lang="en">${shown.served_because}</span>)</div>` : nothing}
    </li>`;
  }

  /** @param {readonly Skill[]} rows */
  #table(rows) {
    const w = words.value;
    const t = tools.value;
    const heads = [t.horizon, t.model, t.cases, t.errorRatio, t.directionRight, t.rangeHeld, t.winkler];
    return html`<div class="wide" tabindex="0" role="region" aria-labelledby="skill-title">
      <table class="numbers" aria-labelledby="skill-title">
        <thead><tr><th scope="col">${w.pair}</th>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
        <tbody>
          ${rows.map(
            (row) => html`<tr>
              <th scope="row">${row.pair}</th>
              <td>${span(row.horizon_s)}</td>
              <td>${named(row.model)}</td>
              <td>${count(row.n)}</td>
              <td>${row.mae_ratio === null ? w.noPrice : decimal(row.mae_ratio, 3)}</td>
              <td>${right(row) ?? w.noPrice}</td>
              <td>${row.coverage === null ? w.noPrice : percent(row.coverage)}</td>
              <td>${row.winkler === null ? w.noPrice : decimal(row.winkler, 1)}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }
}

/** Whether it beat "no change" and the toss of a coin. @param {Skill} skill */
function verdict(skill) {
  const t = tools.value;
  if (skill.n < ENOUGH) return t.tooFew(skill.model, count(skill.n));
  const text = right(skill);
  return `${against(skill)} ${text === null ? '' : t.rightWay(text, (skill.direction_low ?? 0) > 0.5)}`;
}

/** @param {Skill} skill */
function against({ model, mae_ratio, n }) {
  const w = words.value;
  const t = tools.value;
  const gain = mae_ratio === null ? 0 : (1 - mae_ratio) * 100; // null: the price never moved
  return gain >= LEAST_GAIN ? t.better(model, w.percent(decimal(gain, 1)), count(n)) : t.notBetter(model, count(n));
}

/** "52.1% (48.3–55.9%)", null where no direction was ever forecast. @param {Skill} skill */
function right({ direction, direction_low: low, direction_high: high }) {
  if (direction === null || low === null || high === null) return null;
  return `${percent(direction)} (${share(low)}–${percent(high)})`;
}

customElements.define('cv-skill-dialog', SkillDialog);

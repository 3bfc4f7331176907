// The form of one rule: its fields by kind, each with what is wrong with it, and what it would have raised.
import { html, nothing } from '../vendor/lit/lit.js';
import { words } from '../format/language.js';
import { decimal } from '../format/number.js';
import { span } from '../format/time.js';
import { tools } from '../format/tool-words.js';
import { pairs } from '../market/pairs.js';
import { field, options } from '../shell/form.js';
import { asOf } from '../time-machine/clock.js';
import { previewed } from './rule-preview.js';
import { ruleInWords } from './rule-words.js';
import { channels, conflict, draft, fault, kindNamed, kinds, look, previewHours, save, settle, waiting, write } from './rules-state.js';

/** @typedef {import('./rules-state.js').Draft} Draft */

const SPANS = [1, 6, 24, 168];
const OWN_FIELDS = ['name', 'kind', 'pair', 'threshold_pct', 'window_s', 'notify'];

/** @param {Event} event */
const valueOf = (event) => /** @type {HTMLInputElement} */ (event.target).value;

/** @param {Draft} shown */
export function ruleForm(shown) {
  const t = tools.value;
  const kind = kindNamed(shown.kind);
  const present = conflict.value;
  const wrong = present ? null : fault.value;
  return html`<form class="form" novalidate @submit=${(/** @type {Event} */ event) => (event.preventDefault(), void save())}>
    ${put('name', t.ruleName, '', (attributes) => html`<input type="text" maxlength="200" id=${attributes.id} aria-describedby=${attributes.describedBy} aria-invalid=${attributes.invalid}
      .value=${shown.name} @input=${(/** @type {Event} */ event) => write({ name: valueOf(event) })} />`)}
    ${put('kind', t.kind, kind ? t.kindMeaning(kind.kind, kind.meaning) : '', (attributes) => html`<select id=${attributes.id} aria-describedby=${attributes.describedBy} aria-invalid=${attributes.invalid}
      @change=${(/** @type {Event} */ event) => chooseKind(valueOf(event))}>${options(kinds.value.map((one) => [one.kind, t.kindNames[one.kind] ?? one.kind]), shown.kind)}</select>`)}
    ${put('pair', words.value.pair, '', (attributes) => html`<select id=${attributes.id} aria-describedby=${attributes.describedBy} aria-invalid=${attributes.invalid}
      @change=${(/** @type {Event} */ event) => write({ pair: valueOf(event) })}>${options([['', t.anyPair], ...pairs.value.map((pair) => /** @type {[string, string]} */ ([pair, pair]))], shown.pair)}</select>`)}
    ${kind?.threshold_pct
      ? put('threshold_pct', t.threshold, t.thresholdMeaning(kind.kind, kind.threshold_pct.meaning), (attributes) => html`<input type="text" inputmode="decimal" id=${attributes.id} aria-describedby=${attributes.describedBy} aria-invalid=${attributes.invalid}
          .value=${shown.threshold_pct} @input=${(/** @type {Event} */ event) => write({ threshold_pct: valueOf(event) })} />`)
      : nothing}
    ${kind ? windowField(kind, shown) : nothing} ${channels.value.length ? notifyField(shown) : nothing}
    ${wrong && !OWN_FIELDS.includes(wrong.field ?? '') ? html`<p class="inline-error whole" role="alert">${wrong.text}</p>` : nothing}
    ${present ? conflicting(present) : nothing}
    <div class="form-foot whole">
      <button class="button" type="button" @click=${() => (draft.value = null)}>${t.back}</button>
      <span class="push"></span>
      <label class="inline-field">${t.overTheLast}
        <select @change=${(/** @type {Event} */ event) => ((previewHours.value = Number(valueOf(event))), void look())}>
          ${options(SPANS.map((hours) => [String(hours), span(hours * 3600)]), String(previewHours.value))}
        </select>
      </label>
      <button class="button" type="button" ?disabled=${waiting.value || asOf.value !== null} @click=${look}>${t.preview}</button>
      <button class="button primary" type="submit" ?disabled=${waiting.value || asOf.value !== null}>${shown.id ? t.saveRule : t.createRule}</button>
    </div>
    <div class="whole" role="status">${previewed()}</div>
  </form>`;
}

/** What somebody else has made of the rule meanwhile, beside what stands in the form. @param {AlertRule} present */
function conflicting(present) {
  const t = tools.value;
  return html`<div class="whole" role="alert" id="rule-conflict">
    <p class="inline-error">${t.ruleConflict}</p>
    <p><b>${present.name}</b> <span class="tag">${present.enabled ? t.on : t.off}</span> <span class="quiet">${ruleInWords(present)}</span></p>
    <p>
      <button class="button" type="button" @click=${() => settle(false)}>${t.takeTheirs}</button>
      <button class="button" type="button" @click=${() => settle(true)}>${t.keepMine}</button>
    </p>
  </div>`;
}

/** A field of ours with its fault. @param {string} name @param {string} label @param {string} hint @param {Parameters<typeof field>[3]} control */
function put(name, label, hint, control) {
  const wrong = fault.value;
  return field(`rule-${name}`, label, { hint, fault: wrong?.field === name ? wrong.text : null }, control);
}

/** Another kind has other bounds: what no longer fits is replaced. @param {string} name */
function chooseKind(name) {
  const window = kindNamed(name)?.window_s;
  const seconds = Number(draft.peek()?.window_s);
  if (!window) return;
  const fits = window.one_of ? window.one_of.includes(seconds) : seconds >= window.shortest && seconds <= window.longest;
  write({ kind: name, ...(!fits && { window_s: String(window.one_of?.[0] ?? window.shortest) }) });
}

/** @param {import('./rules-state.js').RuleKind} kind @param {Draft} shown */
function windowField({ kind, window_s: window }, shown) {
  const t = tools.value;
  const meaning = t.windowMeaning(kind, window.meaning);
  const { one_of: few } = window;
  if (few)
    return put('window_s', t.window, meaning, (attributes) => html`<select id=${attributes.id} aria-describedby=${attributes.describedBy} aria-invalid=${attributes.invalid}
      @change=${(/** @type {Event} */ event) => write({ window_s: valueOf(event) })}>${options(few.map((seconds) => [String(seconds), span(seconds)]), shown.window_s)}</select>`);
  const seconds = Number(shown.window_s);
  const bounds = t.bounds(decimal(window.shortest, 0), decimal(window.longest, 0));
  const hint = `${meaning} (${bounds})${seconds >= 60 ? ` · ${span(seconds)}` : ''}`;
  return put('window_s', t.windowSeconds, hint, (attributes) => html`<input type="text" inputmode="numeric" id=${attributes.id} aria-describedby=${attributes.describedBy} aria-invalid=${attributes.invalid}
    .value=${shown.window_s} @input=${(/** @type {Event} */ event) => write({ window_s: valueOf(event) })} />`);
}

/** @param {Draft} shown */
function notifyField(shown) {
  const t = tools.value;
  const wrong = fault.value?.field === 'notify' ? fault.value.text : null;
  const flip = (/** @type {string} */ id) => write({ notify: shown.notify.includes(id) ? shown.notify.filter((one) => one !== id) : [...shown.notify, id] });
  return html`<fieldset class="whole">
    <legend>${t.notify}</legend>
    ${channels.value.map((one) => html`<label class="switch"><input type="checkbox" .checked=${shown.notify.includes(one.id)} @change=${() => flip(one.id)} />${one.name}</label>`)}
    ${wrong ? html`<p class="inline-error" role="alert">${wrong}</p>` : nothing}
  </fieldset>`;
}

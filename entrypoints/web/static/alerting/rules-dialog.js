// <cv-rules>: what is watched for: all rules, and a form for one of them.
import { html, nothing } from '../vendor/lit/lit.js';
import { effect, untracked } from '../vendor/signals/signals.js';
import { words } from '../format/language.js';
import { tools } from '../format/tool-words.js';
import { Dialog } from '../shell/dialog.js';
import { dialog } from '../shell/layout-state.js';
import { stylesheet } from '../shell/stylesheet.js';
import { trouble } from '../shell/trouble.js';
import { asOf } from '../time-machine/clock.js';
import { rules, rulesRemote } from './alerts-state.js';
import { ruleForm } from './rule-form.js';
import { ruleInWords } from './rule-words.js';
import { draft, edit, kindsRemote, loadChannels, switchFaults, toggle } from './rules-state.js';

await stylesheet('tools');

effect(() => {
  if (dialog.value === 'rules')
    untracked(() => {
      void rulesRemote.load();
      void kindsRemote.load();
      void loadChannels();
    });
});

class Rules extends Dialog {
  connectedCallback() {
    super.connectedCallback();
    /** @type {import('./rules-state.js').Draft | null} */
    let before = null;
    this.watch(() => {
      const after = draft.value;
      const id = after ? 'rule-name' : `change-${before?.id}`;
      if (!before !== !after) queueMicrotask(() => this.#focus(id));
      before = after;
    });
  }

  /** List and form take each other's place, and the focus with them. @param {string} id */
  #focus(id) {
    const found = document.getElementById(id) ?? this.querySelector('.new-rule');
    if (dialog.peek() === 'rules' && found instanceof HTMLElement) found.focus();
  }

  heading() {
    const t = tools.value;
    if (!draft.value) return t.names.rules;
    return draft.value.id ? t.changeRule : t.newRule;
  }

  shut() {
    draft.value = null;
    if (dialog.peek() === 'rules') dialog.value = null;
  }

  view() {
    if (dialog.value !== 'rules') return nothing;
    if (draft.value) return ruleForm(draft.value);
    const t = tools.value;
    const rows = [...rules.value.values()].sort((a, b) => Number(b.enabled) - Number(a.enabled));
    return html`
      <p class="tool-head"><span class="quiet">${t.rulesMeaning}</span><button class="button primary new-rule" @click=${() => edit(null)}>${t.newRule}</button></p>
      ${rows.length ? html`<ul class="rule-list">${rows.map((rule) => this.#rule(rule))}</ul>` : trouble(rulesRemote, t.noRules, t.noRulesThen)}`;
  }

  /** @param {AlertRule} rule */
  #rule(rule) {
    const t = tools.value;
    const failure = switchFaults.value.get(rule.id);
    return html`<li class=${rule.enabled ? '' : 'off'}>
      <div>
        <b>${rule.name}</b> <span class="tag">${rule.enabled ? t.on : t.off}</span>
        <p class="quiet">${ruleInWords(rule)}</p>
        ${failure ? html`<p class="inline-error" role="alert">${failure}</p>` : nothing}
      </div>
      <div class="actions">
        <button class="button" id="change-${rule.id}" aria-label=${words.value.actOn(t.change, rule.name)} @click=${() => edit(rule)}>${t.change}</button>
        <button class="button" ?disabled=${asOf.value !== null} aria-label=${words.value.actOn(rule.enabled ? t.switchOff : t.switchOn, rule.name)} @click=${() => toggle(rule)}>
          ${rule.enabled ? t.switchOff : t.switchOn}
        </button>
      </div>
    </li>`;
  }
}

customElements.define('cv-rules', Rules);

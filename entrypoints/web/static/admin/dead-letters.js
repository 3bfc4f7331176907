// <cv-admin-dead-letters>: what could not be understood: looked at, read again, or given up; one or all of a kind.
import { html, nothing } from '../vendor/lit/lit.js';
import { signal } from '../vendor/signals/signals.js';
import { count } from '../format/number.js';
import { get, send } from '../stream/api.js';
import { button, notice, run } from './command.js';
import { Listing } from './listing.js';
import { AdminPage } from './page.js';
import { confirmed, sheet } from './sheet.js';
import { ago, moment, table } from './table.js';
import { adminWords } from './words.js';

/** @typedef {{id: string, reason_kind: string, topic: string, reason: string, recorded_at: string, outcome: string}} Letter */
/** @typedef {Letter & {raw_hex: string, raw_text: string, decoded: unknown}} WholeLetter */

const kind = signal('');
const topic = signal('');
/** @type {Listing<Letter>} */
const letters = new Listing('admin/dead-letters/', () => ({ reason_kind: kind.peek(), topic: topic.peek() }));

/** @param {Letter} letter @param {'redrive' | 'drop'} what */
async function settle(letter, what) {
  const t = adminWords.peek();
  if (what === 'drop' && !(await confirmed({ title: t.dropOne, text: t.dropMeaning, action: t.drop }))) return;
  const address = `admin/dead-letters/${encodeURIComponent(letter.id)}/`;
  await run(`${what} ${letter.id}`, () => (what === 'drop' ? send('DELETE', address) : send('POST', `${address}redrive`)), {
    said: what === 'drop' ? t.dropped : t.redriven,
    then: () => letters.load(),
  });
}

/** All that the filters leave. @param {'redrive' | 'drop'} what */
async function settleAll(what) {
  const t = adminWords.peek();
  const body = { ...(kind.peek() && { reason_kind: kind.peek() }), ...(topic.peek() && { topic: topic.peek() }) };
  const text = t.allOf(kind.peek(), topic.peek());
  const sure =
    what === 'drop'
      ? await confirmed({ title: t.dropAll, text: `${text} ${t.dropMeaning}`, action: t.dropAll, typed: t.dropWord })
      : await confirmed({ title: t.redriveAll, text, action: t.redriveAll });
  if (!sure) return;
  await run(`${what} all`, async () => send('POST', `admin/dead-letters/${what}`, body), {
    said: what === 'drop' ? t.allDropped : t.allRedriven,
    then: () => letters.load(),
  });
}

/** @param {Letter} letter */
async function open(letter) {
  try {
    const whole = /** @type {WholeLetter} */ (await get(`admin/dead-letters/${encodeURIComponent(letter.id)}/`));
    sheet.value = { title: adminWords.peek().deadLetter, view: () => inFull(whole) };
  } catch (error) {
    notice.value = { kind: 'failed', text: error instanceof Error ? error.message : String(error) };
  }
}

/** @param {WholeLetter} letter */
function inFull(letter) {
  const t = adminWords.value;
  const block = (/** @type {string} */ name, /** @type {string} */ text) => html`<h3>${name}</h3><pre class="code" tabindex="0" aria-label=${name}>${text}</pre>`;
  return html`<p class="inline-error">${letter.reason}</p>
    <dl class="admin-facts">
      <div><dt>${t.kind}</dt><dd>${letter.reason_kind}</dd></div>
      <div><dt>${t.from}</dt><dd>${letter.topic}</dd></div>
      <div><dt>${t.time}</dt><dd>${moment(letter.recorded_at)}</dd></div>
      <div><dt>${t.id}</dt><dd><code>${letter.id}</code></dd></div>
    </dl>
    <div class="form-foot">${actions(letter)}</div>
    ${letter.decoded === null ? html`<p class="quiet">${t.notDecoded}</p>` : block(t.decoded, JSON.stringify(letter.decoded, null, 2))}
    ${block(t.asText, letter.raw_text)} ${block(t.asHex, letter.raw_hex)}`;
}

/** @param {Letter} letter */
function actions(letter) {
  const t = adminWords.value;
  if (letter.outcome !== 'open') return nothing;
  const act = (/** @type {'redrive' | 'drop'} */ what) => {
    sheet.value = null;
    void settle(letter, what);
  };
  return html`${button({ name: t.redrive, of: letter.id, key: `redrive ${letter.id}`, press: () => act('redrive') })}
    ${button({ name: t.drop, of: letter.id, kind: 'danger', key: `drop ${letter.id}`, press: () => act('drop') })}`;
}

class DeadLettersPage extends AdminPage {
  fetched() {
    return [letters];
  }

  view() {
    const t = adminWords.value;
    const seen = letters.rows.value;
    return html`<form class="admin-filters" @submit=${(/** @type {Event} */ event) => event.preventDefault()}>
        ${choice(t.kind, kind, seen.map((one) => one.reason_kind))} ${choice(t.from, topic, seen.map((one) => one.topic))}
        <span class="push"></span>
        ${seen.length ? html`${button({ name: t.redriveAll, key: 'redrive all', press: () => settleAll('redrive') })} ${button({ name: t.dropAll, key: 'drop all', kind: 'danger', press: () => settleAll('drop') })}` : nothing}
      </form>
      ${seen.length ? html`<p class="quiet">${t.shown(seen.length, count(seen.length))}</p>` : nothing}
      ${table(t.pages['dead-letters'], letters, {
        key: (letter) => letter.id,
        empty: kind.value || topic.value ? t.noneFiltered : t.noDeadLetters,
        columns: [
          { name: t.time, cell: (letter) => ago(letter.recorded_at) },
          { name: t.kind, cell: (letter) => html`<span class="tag">${letter.reason_kind}</span>` },
          { name: t.from, cell: (letter) => letter.topic },
          { name: t.reason, wide: true, cell: (letter) => html`<button class="plain" @click=${() => open(letter)}>${letter.reason}</button>` },
          { name: '', cell: (letter) => html`<div class="row-actions">${actions(letter)}</div>` },
        ],
      })}`;
  }
}

/** A filter among what is there. @param {string} name @param {{value: string}} chosen @param {string[]} found */
function choice(name, chosen, found) {
  const values = [...new Set([chosen.value, ...found].filter(Boolean))].sort();
  const pick = (/** @type {Event} */ event) => {
    chosen.value = /** @type {HTMLSelectElement} */ (event.target).value;
    void letters.restart();
  };
  return html`<label class="inline-field">${name}
    <select @change=${pick}>
      <option value="" .selected=${!chosen.value}>${adminWords.value.all}</option>
      ${values.map((value) => html`<option value=${value} .selected=${value === chosen.value}>${value}</option>`)}
    </select></label>`;
}

customElements.define('cv-admin-dead-letters', DeadLettersPage);

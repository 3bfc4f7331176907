// Commands: a button that knows the role it takes, what came of it in one sentence, and what it changes shown anew.
import { html } from '../vendor/lit/lit.js';
import { signal } from '../vendor/signals/signals.js';
import { accountWords } from '../format/account-words.js';
import { may } from '../shell/account.js';
import { adminWords } from './words.js';

/** @typedef {import('../shell/account.js').Role} Role */

/** What came of the last command. */
export const notice = signal(/** @type {{kind: 'done' | 'failed', text: string} | null} */ (null));
const busy = signal(/** @type {ReadonlySet<string>} */ (new Set()));

/**
 * Do it, and say what came of it.
 * @param {string} key two commands of one key never run at once
 * @param {() => Promise<unknown>} work
 * @param {{said: string, then?: () => unknown}} after what is said where it worked, and what follows either way
 */
export async function run(key, work, { said, then }) {
  if (busy.peek().has(key)) return;
  busy.value = new Set(busy.peek()).add(key);
  notice.value = null;
  try {
    await work();
    notice.value = { kind: 'done', text: said };
  } catch (error) {
    notice.value = { kind: 'failed', text: error instanceof Error ? error.message : String(error) };
  } finally {
    const left = new Set(busy.peek());
    left.delete(key);
    busy.value = left;
    then?.();
  }
}

/**
 * A button. Who has not its role may see and reach it, and is told why it does nothing.
 * @param {{name: string, press: () => unknown, needs?: Role, of?: string, key?: string, kind?: '' | 'primary' | 'danger'}} one `of`: what it acts on, for those who listen
 */
export function button({ name, press, needs = 'operator', of = '', key = '', kind = '' }) {
  const reason = may(needs) ? '' : adminWords.value.takesRole(accountWords.value.roles[needs]);
  const waiting = busy.value.has(key);
  return html`<button class="button ${kind}" type="button" title=${reason} aria-disabled=${reason || waiting ? 'true' : 'false'}
    aria-label=${[name, of, reason].filter(Boolean).join(': ')} @click=${() => !reason && !waiting && press()}>${name}</button>`;
}

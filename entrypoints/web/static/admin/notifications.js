// <cv-admin-notifications>: channels over which alerts reach people, and what became of each alert.
import { html, nothing } from '../vendor/lit/lit.js';
import { signal } from '../vendor/signals/signals.js';
import { count } from '../format/number.js';
import { options } from '../shell/form.js';
import { send } from '../stream/api.js';
import { openChannel } from './channel-form.js';
import { button, notice, run } from './command.js';
import { Listing } from './listing.js';
import { AdminPage } from './page.js';
import { confirmed } from './sheet.js';
import { ago, table } from './table.js';
import { adminWords } from './words.js';

/** @typedef {import('./channel-form.js').Channel} Channel */
/** @typedef {{id: string, alert_id: string, channel: string, pair: string | null, kind: string | null, state: string, attempts: number, last_error: string | null, next_try_at: string | null, created_at: string, sent_at: string | null}} Delivery */

const state = signal('');
/** @type {Listing<Channel>} */
const channels = new Listing('admin/channels/');
/** @type {Listing<Delivery>} */
const deliveries = new Listing('admin/deliveries/', () => ({ state: state.peek() }));

const reload = () => void channels.load();
const address = (/** @type {Channel} */ channel) => `admin/channels/${encodeURIComponent(channel.id)}/`;

/** @param {Channel} channel */
async function test(channel) {
  const t = adminWords.peek();
  const tried = { delivered: false, detail: /** @type {string | null} */ (null) };
  await run(`test ${channel.id}`, async () => Object.assign(tried, await send('POST', `${address(channel)}test`, undefined, 60_000)), { said: t.testSent(channel.name) });
  if (notice.peek()?.kind === 'done' && !tried.delivered) notice.value = { kind: 'failed', text: t.testFailed(channel.name, tried.detail ?? '') };
}

/** @param {Channel} channel */
async function remove(channel) {
  const t = adminWords.peek();
  if (!(await confirmed({ title: t.deleteChannel, text: t.deleteChannelMeaning(channel.name), action: t.delete }))) return;
  await run(`delete ${channel.id}`, () => send('DELETE', address(channel)), { said: t.deleted(channel.name), then: reload });
}

/** @param {Delivery} delivery */
const retry = (delivery) =>
  run(`retry ${delivery.id}`, () => send('POST', `admin/deliveries/${encodeURIComponent(delivery.id)}/retry`), { said: adminWords.peek().retried, then: () => deliveries.load() });

class NotificationsPage extends AdminPage {
  fetched() {
    return [channels, deliveries];
  }

  view() {
    const t = adminWords.value;
    return html`<div class="admin-section"><h3>${t.channels}</h3><span class="push"></span>${button({ name: t.newChannel, needs: 'admin', kind: 'primary', press: () => openChannel(null, reload) })}</div>
      ${table(t.channels, channels, {
        key: (channel) => channel.id,
        empty: t.noChannels,
        columns: [
          { name: t.name, cell: (channel) => html`<b>${channel.name}</b>` },
          { name: t.kind, cell: (channel) => t.channelKinds[channel.kind] },
          { name: t.target, wide: true, cell: (channel) => channel.url ?? channel.to ?? channel.service ?? '—' },
          { name: '', cell: (channel) => this.#channelActions(channel) },
        ],
      })}
      <div class="admin-section"><h3>${t.deliveries}</h3><span class="push"></span>
        <label class="inline-field">${t.state}<select @change=${this.#filter}>${options([['', t.all], .../** @type {[string, string][]} */ (Object.entries(t.deliveryStates))], state.value)}</select></label>
      </div>
      ${table(t.deliveries, deliveries, {
        key: (delivery) => delivery.id,
        empty: state.value ? t.noneFiltered : t.noDeliveries,
        columns: [
          { name: t.time, cell: (delivery) => ago(delivery.created_at) },
          { name: t.alert, cell: (delivery) => [delivery.pair, delivery.kind].filter(Boolean).join(' · ') || delivery.alert_id },
          { name: t.channel, cell: (delivery) => delivery.channel || '—' },
          { name: t.state, wide: true, cell: deliveryState },
          { name: t.attempts, number: true, cell: (delivery) => count(delivery.attempts) },
          { name: '', cell: (delivery) => (delivery.state === 'sent' ? nothing : button({ name: t.retry, of: delivery.channel, key: `retry ${delivery.id}`, press: () => retry(delivery) })) },
        ],
      })}`;
  }

  /** @param {Event} event */
  #filter(event) {
    state.value = /** @type {HTMLSelectElement} */ (event.target).value;
    void deliveries.restart();
  }

  /** @param {Channel} channel */
  #channelActions(channel) {
    const t = adminWords.value;
    const of = channel.name;
    return html`<div class="row-actions">
      ${button({ name: t.test, of, needs: 'admin', key: `test ${channel.id}`, press: () => test(channel) })}
      ${button({ name: t.change, of, needs: 'admin', press: () => openChannel(channel, reload) })}
      ${button({ name: t.delete, of, needs: 'admin', kind: 'danger', key: `delete ${channel.id}`, press: () => remove(channel) })}
    </div>`;
  }
}

const DOTS = /** @type {Record<string, string>} */ ({ sent: '', pending: 'connecting', failed: 'down', skipped: 'ended' });

/** @param {Delivery} delivery */
function deliveryState(delivery) {
  const t = adminWords.value;
  return html`<span class="admin-state"><span class="dot ${DOTS[delivery.state] ?? ''}"></span>${t.deliveryStates[delivery.state] ?? delivery.state}</span>
    ${delivery.last_error ? html`<span class="inline-error">${delivery.last_error}</span>` : nothing}`;
}

customElements.define('cv-admin-notifications', NotificationsPage);

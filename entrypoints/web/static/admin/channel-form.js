// The form of a notification channel: its fields by kind. What is secret is written, never read.
import { send } from '../stream/api.js';
import { notice } from './command.js';
import { openForm } from './form.js';
import { secretShown } from './secret.js';
import { adminWords } from './words.js';

/** @typedef {{id: string, name: string, kind: 'webhook' | 'email' | 'apprise', url: string | null, to: string | null, host: string | null, port: number | null, security: string | null, user: string | null, from: string | null, service: string | null, signing_key: string | null}} Channel */
/** @typedef {import('./form.js').Values} Values */

/** @param {Channel | null} channel null: a new one @param {() => void} done */
export function openChannel(channel, done) {
  const t = adminWords.peek();
  openForm({
    title: channel ? t.changeChannel : t.newChannel,
    action: channel ? t.save : t.create,
    values: begun(channel),
    fields: (values) => fields(values, channel !== null),
    work: async (values) => {
      const path = channel ? `admin/channels/${encodeURIComponent(channel.id)}/` : 'admin/channels/';
      const row = /** @type {Channel} */ (await send(channel ? 'PUT' : 'POST', path, body(values)));
      notice.value = { kind: 'done', text: t.channelSaved(row.name) };
      if (row.signing_key) secretShown(t.signingKey, t.signingKeyMeaning, row.signing_key);
    },
    done,
  });
}

/** @param {Channel | null} channel @returns {Values} */
function begun(channel) {
  if (!channel) return { kind: 'webhook', security: 'starttls' };
  const { name, kind, url, to, host, port, security, user, from } = channel;
  return { name, kind, url: url ?? '', to: to ?? '', host: host ?? '', port: port === null ? '' : String(port), security: security ?? 'starttls', user: user ?? '', from: from ?? '' };
}

/** @param {Values} values @param {boolean} known @returns {import('./form.js').Field[]} */
function fields(values, known) {
  const t = adminWords.value;
  const secret = known ? t.leaveEmpty : '';
  const kinds = /** @type {[string, string][]} */ (Object.entries(t.channelKinds));
  const kind = { name: 'kind', label: t.kind, choices: known ? kinds.filter(([value]) => value === values['kind']) : kinds };
  const name = { name: 'name', label: t.name };
  if (values['kind'] === 'webhook')
    return [name, kind, { name: 'url', label: t.address, hint: t.webhookMeaning }, { name: 'signing_key', label: t.signingKey, hint: known ? secret : t.signingKeyHint, type: 'password' }];
  if (values['kind'] === 'apprise') return [name, kind, { name: 'url', label: t.address, hint: known ? secret : t.appriseMeaning, type: 'password' }];
  return [
    name, kind,
    { name: 'to', label: t.mailTo, hint: t.mailToMeaning },
    { name: 'from', label: t.mailFrom },
    { name: 'host', label: t.mailHost },
    { name: 'security', label: t.mailSecurity, choices: [['starttls', 'STARTTLS'], ['tls', 'TLS'], ['none', t.mailPlain]] },
    { name: 'port', label: t.mailPort, hint: t.mailPortMeaning },
    { name: 'user', label: t.mailUser, hint: t.mailUserMeaning },
    { name: 'password', label: t.password, hint: secret, type: 'password', autocomplete: 'new-password' },
  ];
}

/** Only what the kind has and what is given. @param {Values} values */
function body(values) {
  const names = fields(values, false).map((one) => one.name);
  const given = names.flatMap((name) => (values[name] ? [[name, values[name]]] : []));
  const port = values['port'] ?? '';
  return { name: '', ...Object.fromEntries(given), ...(names.includes('port') && port && { port: /^\d+$/.test(port) ? Number(port) : port }) };
}

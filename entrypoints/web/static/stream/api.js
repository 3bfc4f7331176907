// REST: same origin, JSON, problem details. Every failure is an ApiError with a sentence that can be shown.
import { words } from '../format/language.js';
import { asOf } from '../time-machine/clock.js';

const ROOT = '/api/v1/';
const TIMEOUT_MS = 15_000;
/** What the server is, and not what was known at a time. */
const TIMELESS = /^(admin|config|health|log|backtests)\/|\/kinds\//;

export class ApiError extends Error {
  /** @param {number} status 0 when no answer came @param {string} detail @param {any} [body] the answer, when it was JSON */
  constructor(status, detail, body = null) {
    super(detail);
    this.status = status;
    this.body = body;
  }
}

/** The answer to what was asked while this module was on its way; once. @param {string} path */
function takeAhead(path) {
  const answer = globalThis.askedAhead?.get(path);
  globalThis.askedAhead?.delete(path);
  return answer;
}

/** @param {string} path @param {RequestInit} init @param {number} [patience] in ms @returns {Promise<any>} */
async function call(path, init, patience = TIMEOUT_MS) {
  /** @type {Response} */
  let response;
  try {
    const ahead = init.method ? undefined : takeAhead(path); // a command is never what was read ahead
    response = await (ahead ?? fetch(ROOT + path, { ...init, signal: AbortSignal.timeout(patience) }));
  } catch (error) {
    const late = error instanceof DOMException && error.name === 'TimeoutError';
    throw new ApiError(0, late ? words.peek().serverSlow : words.peek().serverAway);
  }
  const text = await response.text();
  /** @type {any} */
  let body = null;
  try {
    body = text ? JSON.parse(text) : null;
  } catch {
    if (response.ok) throw new ApiError(response.status, words.peek().serverGarbled);
  }
  if (!response.ok) throw new ApiError(response.status, body?.detail ?? words.peek().serverRefused(response.status), body);
  return body;
}

/** Who signs what is sent, and asks to sign in; shell/account.js says how. */
export const signer = {
  /** @returns {Promise<Record<string, string>>} the headers that commands carry */
  headers: async () => ({}),
  /** Asks the reader to sign in. @param {boolean} _command or did the page only want to read? @returns {Promise<boolean>} whether he did */
  signIn: async (_command) => false,
  /** Asks the server who is signed in by now. @returns {Promise<boolean>} whether that is news */
  renew: async () => false,
};

/** Do it as the user who is signed in; where the server knows none, ask for one and do it then. @param {() => Promise<any>} work @param {boolean} command */
async function signed(work, command) {
  try {
    return await work();
  } catch (error) {
    const status = error instanceof ApiError ? error.status : 0;
    // 403: he may have signed in anew elsewhere, and our token is of before.
    const again = status === 401 ? await signer.signIn(command) : command && status === 403 && (await signer.renew());
    if (!again) throw error;
    return work();
  }
}

/**
 * As it was known at the time that the page shows.
 * @param {string} path relative to /api/v1/, with its trailing slash
 * @param {Record<string, string | number | undefined>} [query]
 */
export function get(path, query = {}) {
  const at = asOf.peek();
  const given = Object.entries(at === null || TIMELESS.test(path) ? query : { ...query, as_of: new Date(at).toISOString() }).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]]));
  const search = new URLSearchParams(given).toString();
  return signed(() => call(search ? `${path}?${search}` : path, { headers: { accept: 'application/json' } }), false);
}

/** @param {'POST' | 'PUT' | 'PATCH' | 'DELETE'} method @param {string} path @param {object} [body] @param {number} [patience] how long to wait, in ms */
export function send(method, path, body, patience) {
  if (asOf.peek() !== null) return Promise.reject(new ApiError(0, words.peek().inThePast));
  return signed(async () => request(method, path, body, await signer.headers(), patience), true);
}

/** As it is: nobody is asked to sign in. @param {string} method @param {string} path @param {object} [body] @param {Record<string, string>} [headers] @param {number} [patience] */
export function request(method, path, body, headers, patience) {
  const json = body && { 'content-type': 'application/json' };
  return call(path, { method, ...(body && { body: JSON.stringify(body) }), headers: { ...json, ...headers } }, patience);
}

/** A pair as it stands in addresses. @param {string} pair */
export const pairInUrl = (pair) => pair.replace('/', '-');

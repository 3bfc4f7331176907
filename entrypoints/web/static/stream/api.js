// REST: same origin, JSON, problem details. Every failure is an ApiError with a sentence that can be shown.
import { words } from '../format/language.js';

const ROOT = '/api/v1/';
const TIMEOUT_MS = 15_000;

export class ApiError extends Error {
  /** @param {number} status 0 when no answer came @param {string} detail @param {any} [body] the answer, when it was JSON */
  constructor(status, detail, body = null) {
    super(detail);
    this.status = status;
    this.body = body;
  }
}

/** @param {string} path @param {RequestInit} init @returns {Promise<any>} */
async function call(path, init) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(ROOT + path, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
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

/**
 * @param {string} path relative to /api/v1/, with its trailing slash
 * @param {Record<string, string | number | undefined>} [query]
 */
export function get(path, query = {}) {
  const given = Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]]));
  const search = new URLSearchParams(given).toString();
  return call(search ? `${path}?${search}` : path, { headers: { accept: 'application/json' } });
}

/** @param {'POST' | 'PUT' | 'DELETE'} method @param {string} path @param {object} [body] */
export function send(method, path, body) {
  const json = body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  return call(path, { method, ...json });
}

/** A pair as it stands in addresses. @param {string} pair */
export const pairInUrl = (pair) => pair.replace('/', '-');

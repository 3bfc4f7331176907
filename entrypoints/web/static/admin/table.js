// A table of a listing: columns by name and cell, what stands in for it while it is empty, and the next page.
import { html, nothing } from '../vendor/lit/lit.js';
import { repeat } from '../vendor/lit/directives/repeat.js';
import { words } from '../format/language.js';
import { age, full, until } from '../format/time.js';
import { reasonOf, trouble } from '../shell/trouble.js';
import { run } from './command.js';
import { adminWords } from './words.js';

/**
 * @template T
 * @typedef {{name: string, cell: (row: T) => unknown, number?: boolean, wide?: boolean}} Column `wide`: text that may break
 */

/**
 * @template T
 * @param {string} caption @param {import('./listing.js').Listing<T>} listing
 * @param {{key: (row: T) => unknown, columns: Column<T>[], empty: string}} how
 */
export function table(caption, listing, { key, columns, empty }) {
  const rows = listing.rows.value;
  if (!rows.length) return html`<div class="admin-table">${trouble(listing.remote, empty)}</div>`;
  const more = () => void run(`more ${caption}`, () => listing.more(), { said: adminWords.peek().moreShown });
  return html`${stale(listing.remote)}
    <div class="admin-table" role="region" tabindex="0" aria-label=${caption}>${plainTable(caption, rows, { key, columns })}</div>
    ${listing.hasMore.value ? html`<button class="button" @click=${more}>${adminWords.value.more}</button>` : nothing}`;
}

/** @template T @param {string} caption @param {readonly T[]} rows @param {{key: (row: T) => unknown, columns: Column<T>[]}} how */
export function plainTable(caption, rows, { key, columns }) {
  const kind = (/** @type {Column<T>} */ column) => (column.number ? 'number' : column.wide ? 'wide-cell' : '');
  // Roles said aloud: on a phone rows are laid out as cards, and are to be told as rows all the same.
  return html`<table role="table">
    <caption class="sr">${caption}</caption>
    <thead role="rowgroup"><tr role="row">${columns.map((column) => html`<th scope="col" role="columnheader" class=${kind(column)}>${column.name || html`<span class="sr">${adminWords.value.actions}</span>`}</th>`)}</tr></thead>
    <tbody role="rowgroup">${repeat(rows, key, (row) => html`<tr role="row">${columns.map((column) => html`<td role="cell" class=${kind(column)} data-name=${column.name}>${column.cell(row)}</td>`)}</tr>`)}</tbody>
  </table>`;
}

/** What is shown could not be refreshed. @param {import('../stream/remote.js').Remote<any>} remote */
export function stale(remote) {
  const state = remote.state.value;
  if (state.phase !== 'failed') return nothing;
  const w = words.value;
  return html`<p class="admin-note failed" role="status">${reasonOf(state)} · ${w.nextTryIn(until(state.retryAt))}<button class="button" @click=${() => remote.load()}>${w.retry}</button></p>`;
}

/** How long ago, with the exact time at hand. @param {string | null | undefined} time */
export const ago = (time) => (time ? html`<time datetime=${time} title=${full(time)}>${adminWords.value.ago(age(time))}</time>` : adminWords.value.never);

/** A moment in full. @param {string | null | undefined} time */
export const moment = (time) => (time ? html`<time datetime=${time}>${full(time)}</time>` : '—');

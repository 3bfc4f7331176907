// The button at the end of a long list that shows more of it: what nobody has asked to see is not kept in the page.
import { html, nothing } from '../vendor/lit/lit.js';
import { words } from '../format/language.js';

const STEP = 50;

/** @param {number} all rows there are @param {{value: number}} shown how many of them are to be seen */
export const more = (all, shown) =>
  all > shown.value
    ? html`<button class="button more-rows" @click=${(/** @type {{currentTarget: HTMLElement}} */ { currentTarget }) => {
        const rows = currentTarget.previousElementSibling?.children;
        const next = shown.value;
        shown.value += STEP;
        /** @type {HTMLElement | null | undefined} */ (rows?.[next]?.querySelector('a,button'))?.focus();
      }}>${words.value.more} · ${all - shown.value}</button>`
    : nothing;

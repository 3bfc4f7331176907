// The page's icons, drawn with the text's colour. They only decorate: the words beside them say it.
import { html, svg } from '../vendor/lit/lit.js';

/** @param {TemplateStringsArray} d */
const paths = (d) => html`<svg class="icon" viewBox="0 0 20 20" aria-hidden="true">${svg`<path d=${d[0]} />`}</svg>`;

export const pulse = paths`M2 10h4l2-5 4 10 2-5h4`;
export const moon = paths`M15.8 12.2A6.5 6.5 0 0 1 7.8 4.2a6.5 6.5 0 1 0 8 8Z`;
export const sun = paths`M10 6.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 0 0 0-7ZM10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6L16 16M16 4l-1.4 1.4M5.4 14.6L4 16`;
export const bell = paths`M4 14.5h12M5.5 14.5V9a4.5 4.5 0 0 1 9 0v5.5M8.5 17a1.6 1.6 0 0 0 3 0M10 4.5V3`;
export const list = paths`M3 5h14M3 10h10M3 15h14`;
export const candles = paths`M6 3v3M6 13v4M4 6h4v7H4ZM14 2v4M14 12v5M12 6h4v6h-4Z`;
export const paper = paths`M3 4h11v12H4.5A1.5 1.5 0 0 1 3 14.5ZM14 8h3v6.5a1.5 1.5 0 0 1-3 0M6 7.5h5M6 10h5M6 12.5h3`;
export const away = paths`M8 4H4v12h12v-4M11.5 3.5h5v5M16.5 3.5L9.5 10.5`;
export const close = paths`M5 5l10 10M15 5L5 15`;
export const pencil = paths`M4 16l.8-3.2L13 4.6l2.4 2.4-8.2 8.2Z`;
export const glass = paths`M8.5 3a5.5 5.5 0 1 0 0 11a5.5 5.5 0 0 0 0-11ZM12.5 12.5L17 17`;
export const sliders = paths`M3 6h5M12 6h5M10 4v4M3 14h9M16 14h1M14 12v4`;
export const person = paths`M10 3.5a3 3 0 1 0 0 6a3 3 0 0 0 0-6ZM3.5 17c.6-3.4 3.2-5 6.5-5s5.9 1.6 6.5 5`;
export const eye = paths`M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5ZM10 8a2 2 0 1 0 0 4a2 2 0 0 0 0-4Z`;

/** ▲ ▼ ■ by direction: a shape, so that colour never stands alone. @param {-1 | 0 | 1} way */
export const arrow = (way) => html`<svg class="arrow" viewBox="0 0 10 10" aria-hidden="true">${ARROWS[way]}</svg>`;
const ARROWS = {
  [-1]: svg`<path d="M0 1h10L5 9.5Z" />`,
  0: svg`<path d="M1 1h8v8H1Z" />`,
  1: svg`<path d="M0 9h10L5 .5Z" />`,
};

export const brand = html`<svg class="brand-mark" viewBox="0 0 20 20" aria-hidden="true">
  <rect class="tile" width="20" height="20" rx="5" />
  <path class="line" d="M4 12.5l3.5-4 3 3L16 6" />
</svg>`;

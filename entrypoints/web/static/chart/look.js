// The chart's options out of the page's tokens.
import { ColorType, CrosshairMode } from '../vendor/lightweight-charts/lightweight-charts.js';
import { colours } from '../shell/settings.js';
import { shade } from '../shell/theme.js';

/** @param {string} hex six digits @param {number} alpha 0..1 */
const faded = (hex, alpha) => hex.slice(0, 7) + Math.round(alpha * 255).toString(16).padStart(2, '0');

/** @type {Map<string | undefined, ReturnType<typeof read>>} */
const palettes = new Map();

/** The tokens the chart draws with, in the theme and colours in use; who reads them follows both. */
export function palette() {
  const look = `${shade.value} ${colours.value}`;
  let found = palettes.get(look);
  if (!found) palettes.set(look, (found = read()));
  return found;
}

function read() {
  const style = getComputedStyle(document.documentElement);
  const token = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  return {
    surface: token('surface'),
    raised: token('raised'),
    text: token('text'),
    text2: token('text-2'),
    text3: token('text-3'),
    line: token('line'),
    up: token('up'),
    down: token('down'),
    warn: token('warn'),
    onWarn: token('on-warn'),
    accent: token('accent'),
  };
}

/** @param {ChartPalette} colours */
export function chartLook(colours) {
  return {
    layout: {
      background: { type: ColorType.Solid, color: colours.surface },
      textColor: colours.text2,
      fontFamily: "'Inter Variable', system-ui, sans-serif",
      fontSize: 12,
      attributionLogo: false, // it injects a <style> and breaks under Trusted Types; our own link stands on the chart
      panes: { separatorColor: colours.line, separatorHoverColor: faded(colours.text3, 0.2), enableResize: true },
    },
    grid: { vertLines: { color: faded(colours.line, 0.6) }, horzLines: { color: faded(colours.line, 0.6) } },
    rightPriceScale: { borderColor: colours.line, scaleMargins: { top: 0.13, bottom: 0.14 }, minimumWidth: 72, entireTextOnly: true },
    timeScale: { borderColor: colours.line },
    crosshair: {
      mode: CrosshairMode.Normal,
      vertLine: { color: colours.text3, labelBackgroundColor: colours.text2 },
      horzLine: { color: colours.text3, labelBackgroundColor: colours.text2 },
    },
  };
}

/** Rising candles are hollow, so that direction does not hang on colour. @param {ChartPalette} colours */
export const candleLook = (colours) => ({
  upColor: colours.surface,
  borderUpColor: colours.up,
  wickUpColor: colours.up,
  downColor: colours.down,
  borderDownColor: colours.down,
  wickDownColor: colours.down,
  priceLineColor: colours.text2,
});

/** @param {ChartPalette} colours */
export const volumeColours = (colours) => ({ up: faded(colours.up, 0.55), down: faded(colours.down, 0.55) });

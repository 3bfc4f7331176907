// The gaps in the data, laid over the candles once there is one.
import { effect } from '../vendor/signals/signals.js';
import { shown } from '../market/candles.js';
import { gaps } from '../market/gaps-state.js';
import { overlays } from '../shell/settings.js';
import { gapName } from './bar-words.js';
import { GapShade } from './gap-shade.js';
import { palette } from './look.js';

/** @typedef {import('./overlays.js').Under} Under */

const seconds = (/** @type {string} */ time) => Date.parse(time) / 1000;

/** Lay them over a chart. @param {Under} under @returns {() => void} take them away */
export function layGaps({ candles }) {
  const drawing = new GapShade(palette());
  candles.attachPrimitive(drawing);
  return effect(() => {
    const rows = overlays.gaps.value ? gaps.value : [];
    const marks = rows.map((gap) => ({ start: seconds(gap.start), end: seconds(gap.end), open: gap.state === 'missing', name: gapName(gap) }));
    drawing.show(marks.reverse(), shown.value.book.step, palette());
  });
}

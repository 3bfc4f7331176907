// Where trades were missed: shaded from one known trade to the next, hatched while they are missing, and named.
import { Primitive } from './primitive.js';

/** @typedef {{start: number, end: number, open: boolean, name: string}} GapMark  times in UTC seconds */

const NARROWEST_PX = 4;
const HATCH_PX = 6;
const NAME_Y = 60; // below the legend and its notes

export class GapShade extends Primitive {
  /** @type {readonly GapMark[]} */
  #gaps = [];
  #step = 60;

  /** @param {ChartPalette} colours */
  constructor(colours) {
    super('bottom', colours);
  }

  /** @param {GapMark[]} gaps by time @param {number} step seconds between bars @param {ChartPalette} colours */
  show(gaps, step, colours) {
    this.#gaps = gaps;
    this.#step = step;
    this.repaint(colours);
  }

  /** @override @param {CanvasRenderingContext2D} context @param {{width: number, height: number}} size */
  draw(context, { height }) {
    const range = this.scale?.getVisibleRange();
    if (!range) return;
    const [first, last] = [Number(range.from), Number(range.to) + this.#step];
    context.font = "500 11px 'Inter Variable', system-ui, sans-serif";
    context.textAlign = 'left';
    let [drawnTo, namedTo] = [-Infinity, -Infinity];
    for (const gap of this.#gaps) {
      if (gap.end < first || gap.start > last) continue;
      const [from, to] = [this.xOf(Math.max(gap.start, first), this.#step), this.xOf(Math.min(gap.end, last), this.#step)];
      if (from === null || to === null) continue;
      const x = to - from < NARROWEST_PX ? (from + to - NARROWEST_PX) / 2 : from;
      const width = Math.max(NARROWEST_PX, to - from);
      if (x + width < drawnTo + 1) continue; // it lies in one that is drawn
      drawnTo = x + width;
      this.#shade(context, x, width, height, gap.open);
      // It ends where the gap ends, where there is room: to the right of the newest bar stand the forecasts' names.
      const long = context.measureText(gap.name).width;
      const before = x + width - long;
      const begin = before < Math.max(0, namedTo) ? x : before;
      if (begin < namedTo) continue;
      context.fillStyle = gap.open ? this.colours.warn : this.colours.text2;
      context.fillText(gap.name, begin, NAME_Y);
      namedTo = begin + long + 8;
    }
    context.globalAlpha = 1;
  }

  /** @param {CanvasRenderingContext2D} context @param {number} x @param {number} width @param {number} height @param {boolean} open */
  #shade(context, x, width, height, open) {
    const top = NAME_Y + 6;
    context.fillStyle = context.strokeStyle = open ? this.colours.warn : this.colours.text3;
    context.globalAlpha = 0.18;
    context.fillRect(x, top, width, height - top);
    if (open) {
      context.save();
      context.beginPath();
      context.rect(x, top, width, height - top);
      context.clip();
      context.globalAlpha = 0.6;
      context.lineWidth = 1;
      context.beginPath();
      for (let y = top - width; y < height; y += HATCH_PX) {
        context.moveTo(x, y + width);
        context.lineTo(x + width, y);
      }
      context.stroke();
      context.restore();
    }
    context.globalAlpha = 1;
  }
}

// What became of past forecasts: the range that each one gave, and whether the price ended in it (● it did, × it did not).
import { MarkTrack } from './mark-track.js';
import { Primitive } from './primitive.js';

/** @typedef {{time: number, actual: number, lower: number, upper: number, inside: boolean}} Outcome  `time` is when it was due, in UTC seconds */

const FEWEST_PX = 3; // between two of them; closer, only the misses are told apart

export class Outcomes extends Primitive {
  #track = new MarkTrack(/** @type {Outcome[]} */ ([]), () => 0);
  #step = 60;

  /** @param {ChartPalette} colours */
  constructor(colours) {
    super('bottom', colours);
  }

  /** @param {Outcome[]} outcomes by time @param {number} step seconds between bars @param {ChartPalette} colours */
  show(outcomes, step, colours) {
    this.#track = new MarkTrack(outcomes, () => 0);
    this.#step = step;
    this.repaint(colours);
  }

  /** @override @param {CanvasRenderingContext2D} context */
  draw(context) {
    const range = this.scale?.getVisibleRange();
    if (!range) return;
    const { marks } = this.#track;
    const end = this.#track.firstAt(Number(range.to) + this.#step);
    let before = -Infinity;
    context.lineWidth = 1.5;
    for (let index = this.#track.firstAt(Number(range.from)); index < end; index++) {
      const one = /** @type {Outcome} */ (marks[index]);
      const x = this.xOf(one.time, this.#step);
      if (x === null || (one.inside && x - before < FEWEST_PX)) continue;
      before = x;
      this.#outcome(context, x, one);
    }
    context.globalAlpha = 1;
  }

  /** @param {CanvasRenderingContext2D} context @param {number} x @param {Outcome} outcome */
  #outcome(context, x, { actual, lower, upper, inside }) {
    const series = this.host?.series;
    const [y, low, high] = [series?.priceToCoordinate(actual), series?.priceToCoordinate(lower), series?.priceToCoordinate(upper)];
    if (typeof y !== 'number' || typeof low !== 'number' || typeof high !== 'number') return;
    const { accent, warn } = this.colours;
    context.strokeStyle = context.fillStyle = inside ? accent : warn;
    context.globalAlpha = 0.28;
    context.beginPath();
    context.moveTo(x, high);
    context.lineTo(x, low);
    context.stroke();
    context.globalAlpha = 1;
    context.beginPath();
    if (inside) {
      context.arc(x, y, 2, 0, 2 * Math.PI);
      context.fill();
      return;
    }
    context.moveTo(x - 3.5, y - 3.5);
    context.lineTo(x + 3.5, y + 3.5);
    context.moveTo(x + 3.5, y - 3.5);
    context.lineTo(x - 3.5, y + 3.5);
    context.stroke();
  }
}

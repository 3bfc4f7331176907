// Single trades on the chart: a takers' buy is a filled ▲-coloured dot, a sale a hollow square, larger with the volume.
import { Primitive } from './primitive.js';

/** @typedef {{time: number, price: number, root: number, side: 'b' | 's' | null}} Dot  `time` in UTC seconds, `root` of the volume: what is seen is its area */

const SMALLEST_PX = 1.5;
const LARGEST_PX = 9;

export class TradeDots extends Primitive {
  /** @type {readonly Dot[]} */
  #dots = [];
  #largest = 1;
  #step = 60;

  /** @param {ChartPalette} colours */
  constructor(colours) {
    super('top', colours);
  }

  /** @param {readonly Dot[]} dots by time @param {number} step seconds between bars @param {ChartPalette} colours */
  show(dots, step, colours) {
    this.#dots = dots;
    this.#largest = dots.reduce((most, { root }) => Math.max(most, root), 0) || 1;
    this.#step = step;
    this.repaint(colours);
  }

  /** @override @param {CanvasRenderingContext2D} context */
  draw(context) {
    const range = this.scale?.getVisibleRange();
    if (!range) return;
    const [first, last] = [Number(range.from), Number(range.to) + this.#step];
    context.lineWidth = 1.25;
    for (const { time, price, root, side } of this.#dots) {
      if (time < first || time >= last) continue;
      const x = this.xOf(time, this.#step);
      const y = this.host?.series.priceToCoordinate(price);
      if (x === null || typeof y !== 'number') continue;
      const radius = Math.max(SMALLEST_PX, (root / this.#largest) * LARGEST_PX);
      context.beginPath();
      if (side === 's') context.rect(x - radius, y - radius, 2 * radius, 2 * radius);
      else context.arc(x, y, radius, 0, 2 * Math.PI);
      this.#paint(context, side);
    }
    context.globalAlpha = 1;
  }

  /** @param {CanvasRenderingContext2D} context @param {'b' | 's' | null} side */
  #paint(context, side) {
    const { up, down, text3 } = this.colours;
    context.strokeStyle = context.fillStyle = side === 'b' ? up : side === 's' ? down : text3;
    context.globalAlpha = side === 's' ? 0.2 : 0.5;
    context.fill();
    context.globalAlpha = 1;
    context.stroke();
  }
}

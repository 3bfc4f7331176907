// News on the time axis: one lane at the foot of the price pane, shapes by sentiment, neighbours gathered into one.
import { MarkTrack } from './mark-track.js';
import { Primitive } from './primitive.js';

/** @typedef {{id: string, time: number, label: 'positive' | 'neutral' | 'negative' | null}} NewsMark */

const SIZE = 11;
const FOOT_PX = 8;
const REACH_PX = 11;

/** @param {NewsMark} mark */
const leaning = ({ label }) => (label === 'positive' ? 1 : label === 'negative' ? -1 : 0);

export class NewsLane extends Primitive {
  #track = new MarkTrack(/** @type {NewsMark[]} */ ([]), leaning);
  #y = 0;

  /** @param {ChartPalette} colours */
  constructor(colours) {
    super('top', colours);
  }

  /** @param {NewsMark[]} marks by time, each on the start of a bar @param {ChartPalette} colours */
  show(marks, colours) {
    this.#track = new MarkTrack(marks, leaning);
    this.repaint(colours);
  }

  /** The news gathered at a point. @param {number} x @param {number} y */
  hitTest(x, y) {
    if (Math.abs(y - this.#y) > 14) return null;
    const newest = this.#track.near(x, REACH_PX);
    return newest ? { externalId: `news:${newest.id}`, zOrder: /** @type {const} */ ('top'), cursorStyle: 'pointer' } : null;
  }

  /** @override @param {CanvasRenderingContext2D} context @param {{height: number}} size */
  draw(context, { height }) {
    this.#y = height - FOOT_PX - SIZE / 2;
    context.textAlign = 'center';
    context.font = "600 11px 'Inter Variable', system-ui, sans-serif";
    const count = this.#track.gather(this.scale);
    for (let index = 0; index < count; index++) {
      const { x, from, to, weight } = /** @type {import('./mark-track.js').Group} */ (this.#track.groups[index]);
      this.#shape(context, x, weight);
      if (to - from < 2) continue;
      context.fillStyle = this.colours.text2;
      context.fillText(String(to - from), x, this.#y - SIZE / 2 - 4);
    }
  }

  /** ▲ mostly good, ▼ mostly bad, ■ neither or not judged. @param {CanvasRenderingContext2D} context @param {number} x @param {number} weight */
  #shape(context, x, weight) {
    const half = SIZE / 2;
    const top = this.#y - (weight < 0 ? -half : half);
    const foot = this.#y + (weight < 0 ? -half : half);
    context.beginPath();
    if (weight === 0) context.rect(x - half + 1, this.#y - half + 1, SIZE - 2, SIZE - 2);
    else {
      context.moveTo(x - half, foot);
      context.lineTo(x + half, foot);
      context.lineTo(x, top);
      context.closePath();
    }
    context.fillStyle = weight > 0 ? this.colours.up : weight < 0 ? this.colours.down : this.colours.text3;
    context.fill();
  }
}

// Where the price may go: for each forecast a wedge from the price it was issued at to the range it should end in.
import { Primitive } from './primitive.js';

const NAME_PX = 12; // from one line of names to the next

/** @typedef {{issued: number, target: number, from: number, price: number, lower: number, upper: number, name: string}} Wedge  times in UTC seconds */

export class Cone extends Primitive {
  /** @type {Wedge[]} */
  #wedges = [];
  #step = 60;

  /** @param {ChartPalette} colours */
  constructor(colours) {
    super('bottom', colours);
  }

  /** @param {Wedge[]} wedges @param {number} step seconds between bars @param {ChartPalette} colours */
  show(wedges, step, colours) {
    this.#wedges = wedges;
    this.#step = step;
    this.repaint(colours);
  }

  /** The prices must reach what is in sight of the wedges. @param {number} _from @param {number} to */
  autoscaleInfo(_from, to) {
    const scale = this.scale;
    const seen = this.#wedges.filter(({ target }) => {
      const index = scale?.timeToIndex(/** @type {ChartTime} */ (target), true) ?? null;
      return index !== null && index <= to;
    });
    if (!seen.length) return null;
    const priceRange = { minValue: Math.min(...seen.map(({ lower }) => lower)), maxValue: Math.max(...seen.map(({ upper }) => upper)) };
    return { priceRange };
  }

  /** @override @param {CanvasRenderingContext2D} context @param {{width: number, height: number}} size */
  draw(context, { width }) {
    const { accent } = this.colours;
    context.strokeStyle = context.fillStyle = accent;
    context.textAlign = 'left';
    context.font = "500 11px 'Inter Variable', system-ui, sans-serif";
    for (const wedge of this.#wedges) this.#wedge(context, wedge);
    this.#names(context, width);
    context.globalAlpha = 1;
    context.setLineDash([]);
  }

  /** The farthest stands beside its wedge; where those before it would stand on it, they stand above. @param {CanvasRenderingContext2D} context @param {number} width of the pane */
  #names(context, width) {
    /** @type {{left: number, right: number, base: number}[]} */
    const names = [];
    for (const { target, upper, name } of this.#wedges.toSorted((a, b) => b.target - a.target)) {
      const [x, high] = [this.xOf(target, this.#step), this.host?.series.priceToCoordinate(upper) ?? null];
      if (x === null || high === null || x > width) continue;
      const wide = context.measureText(name).width;
      const fits = x + 4 + wide + 2 <= width; // on a phone there may be no room
      const left = fits ? x + 4 : width - wide - 2;
      let base = high + (fits ? 4 : -6);
      const under = () => names.find((one) => left < one.right && one.left < left + wide && Math.abs(base - one.base) < NAME_PX);
      for (let one = under(); one; one = under()) base = one.base - NAME_PX;
      context.fillText(name, left, base);
      names.push({ left, right: left + wide, base });
    }
  }

  /** @param {CanvasRenderingContext2D} context @param {Wedge} wedge */
  #wedge(context, { issued, target, from, price, lower, upper }) {
    const y = (/** @type {number} */ value) => this.host?.series.priceToCoordinate(value) ?? null;
    const [left, right] = [this.xOf(issued, this.#step), this.xOf(target, this.#step)];
    const [start, middle, low, high] = [y(from), y(price), y(lower), y(upper)];
    if (left === null || right === null || start === null || middle === null || low === null || high === null) return;
    context.beginPath();
    context.moveTo(left, start);
    context.lineTo(right, high);
    context.lineTo(right, low);
    context.closePath();
    context.globalAlpha = 0.14;
    context.fill();
    context.globalAlpha = 0.9;
    context.lineWidth = 1.5;
    context.setLineDash([]);
    context.beginPath();
    context.moveTo(right, high);
    context.lineTo(right, low);
    context.stroke();
    context.setLineDash([4, 3]);
    context.beginPath();
    context.moveTo(left, start);
    context.lineTo(right, middle);
    context.stroke();
  }
}

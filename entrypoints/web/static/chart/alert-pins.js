// Alerts on the chart: a pin with an exclamation mark above the bar the price moved in, or with how many there are.
import { MarkTrack } from './mark-track.js';
import { Primitive } from './primitive.js';

/** @typedef {{id: string, time: number, price: number, open: boolean}} Pin  `price`: where it stands when its bar is not known */

const RADIUS = 8;
const TIP = 6;

/** @param {Pin} pin */
const openness = (pin) => (pin.open ? 1 : 0);

export class AlertPins extends Primitive {
  #track = new MarkTrack(/** @type {Pin[]} */ ([]), openness);
  /** @type {Map<import('./mark-track.js').Group, number>} heights of the groups drawn last */
  #heights = new Map();
  #highOf;

  /** @param {ChartPalette} colours @param {(time: number) => number | undefined} highOf the high of the bar that starts then */
  constructor(colours, highOf) {
    super('top', colours);
    this.#highOf = highOf;
  }

  /** @param {Pin[]} pins by time @param {ChartPalette} colours */
  show(pins, colours) {
    this.#track = new MarkTrack(pins, openness);
    this.repaint(colours);
  }

  /** @param {number} x @param {number} y */
  hitTest(x, y) {
    for (const [group, height] of this.#heights) {
      const pin = this.#track.marks[group.to - 1];
      if (pin && Math.hypot(group.x - x, height - y) < RADIUS + 4)
        return { externalId: `alert:${pin.id}`, zOrder: /** @type {const} */ ('top'), cursorStyle: 'pointer' };
    }
    return null;
  }

  /** @override @param {CanvasRenderingContext2D} context */
  draw(context) {
    this.#heights.clear();
    const count = this.#track.gather(this.scale);
    for (let index = 0; index < count; index++) {
      const group = /** @type {import('./mark-track.js').Group} */ (this.#track.groups[index]);
      const newest = /** @type {Pin} */ (this.#track.marks[group.to - 1]);
      const foot = this.host?.series.priceToCoordinate(this.#highOf(newest.time) ?? newest.price);
      if (typeof foot !== 'number') continue;
      const y = Math.max(RADIUS + 2, foot - RADIUS - TIP - 4);
      this.#heights.set(group, y);
      this.#pin(context, group.x, y, group.weight > 0, group.to - group.from);
    }
  }

  /** Filled while somebody should look at it, an outline afterwards. @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {boolean} open @param {number} alerts */
  #pin(context, x, y, open, alerts) {
    const { warn, onWarn, surface } = this.colours;
    context.beginPath();
    context.arc(x, y, RADIUS, 0.75 * Math.PI, 0.25 * Math.PI);
    context.lineTo(x, y + RADIUS + TIP);
    context.closePath();
    context.fillStyle = open ? warn : surface;
    context.strokeStyle = warn;
    context.lineWidth = 1.5;
    context.fill();
    context.stroke();
    context.fillStyle = open ? onWarn : warn;
    if (alerts > 1) {
      context.textAlign = 'center';
      context.font = "600 10px 'Inter Variable', system-ui, sans-serif";
      context.fillText(alerts > 99 ? '99' : String(alerts), x, y + 3.5);
      return;
    }
    context.fillRect(x - 1, y - 4.5, 2, 5.5);
    context.fillRect(x - 1, y + 2.5, 2, 2);
  }
}

// Alerts on the chart: a pin with an exclamation mark above the bar the price moved in.
/** @typedef {{id: string, time: number, above: number, open: boolean}} Pin  `above`: the price the pin stands on */

const RADIUS = 8;
const TIP = 6;

/** @implements {ChartPrimitive} */
export class AlertPins {
  /** @type {ChartAttached | null} */
  #host = null;
  /** @type {Pin[]} */
  #pins = [];
  /** @type {{x: number, y: number, id: string}[]} */
  #drawn = [];
  /** @type {ChartPalette} */
  #colours;

  /** @param {ChartPalette} colours */
  constructor(colours) {
    this.#colours = colours;
  }

  /** @param {ChartAttached} host */
  attached(host) {
    this.#host = host;
  }

  detached() {
    this.#host = null;
  }

  /** @param {Pin[]} pins @param {ChartPalette} colours */
  show(pins, colours) {
    this.#pins = pins;
    this.#colours = colours;
    this.#host?.requestUpdate();
  }

  /** @param {number} x @param {number} y */
  hitTest(x, y) {
    const pin = this.#drawn.find((one) => Math.hypot(one.x - x, one.y - y) < RADIUS + 4);
    return pin ? { externalId: `alert:${pin.id}`, zOrder: /** @type {const} */ ('top'), cursorStyle: 'pointer' } : null;
  }

  paneViews() {
    return [{ zOrder: () => /** @type {const} */ ('top'), renderer: () => ({ draw: this.#draw }) }];
  }

  /** @param {ChartCanvas} target */
  #draw = (target) => {
    target.useMediaCoordinateSpace(({ context }) => {
      this.#drawn = [];
      for (const pin of this.#pins) {
        const x = this.#host?.chart.timeScale().timeToCoordinate(/** @type {ChartTime} */ (pin.time));
        const foot = this.#host?.series.priceToCoordinate(pin.above);
        if (typeof x !== 'number' || typeof foot !== 'number') continue;
        const y = Math.max(RADIUS + 2, foot - RADIUS - TIP - 4);
        this.#drawn.push({ x, y, id: pin.id });
        this.#pin(context, x, y, pin.open);
      }
    });
  };

  /** Filled while somebody should look at it, an outline afterwards. @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {boolean} open */
  #pin(context, x, y, open) {
    const { warn, onWarn, surface } = this.#colours;
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
    context.fillRect(x - 1, y - 4.5, 2, 5.5);
    context.fillRect(x - 1, y + 2.5, 2, 2);
  }
}

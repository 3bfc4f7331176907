// What all drawings on the chart share: they hang on a series, know their colours, and are drawn when it is.

/** @implements {ChartPrimitive} */
export class Primitive {
  /** @type {ChartAttached | null} */
  host = null;
  #views;

  /** @param {'top' | 'normal' | 'bottom'} order above or below the candles @param {ChartPalette} colours */
  constructor(order, colours) {
    this.colours = colours;
    const draw = (/** @type {ChartCanvas} */ target) =>
      target.useMediaCoordinateSpace(({ context, mediaSize }) => this.draw(context, mediaSize));
    const renderer = { draw };
    this.#views = [{ zOrder: () => order, renderer: () => renderer }];
  }

  /** @param {ChartAttached} host */
  attached(host) {
    this.host = host;
  }

  detached() {
    this.host = null;
  }

  /** Draw anew. @param {ChartPalette} colours */
  repaint(colours) {
    this.colours = colours;
    this.host?.requestUpdate();
  }

  paneViews() {
    return this.#views;
  }

  get scale() {
    return this.host?.chart.timeScale();
  }

  /** Where a moment stands: within its bar, whose middle is the bar's place. @param {number} seconds @param {number} step seconds between bars */
  xOf(seconds, step) {
    const scale = this.scale;
    const start = Math.floor(seconds / step) * step;
    const index = scale?.timeToIndex(/** @type {ChartTime} */ (start), true) ?? null;
    if (!scale || index === null) return null;
    const x = scale.logicalToCoordinate(/** @type {any} */ (index));
    const next = scale.logicalToCoordinate(/** @type {any} */ (index + 1));
    return x === null || next === null ? null : x + ((seconds - start) / step - 0.5) * (next - x);
  }

  /** @param {CanvasRenderingContext2D} _context @param {{width: number, height: number}} _size */
  draw(_context, _size) {
    throw new Error('nothing to draw');
  }
}

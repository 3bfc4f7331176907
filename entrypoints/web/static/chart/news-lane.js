// News on the time axis: one lane at the foot of the price pane, shapes by sentiment, neighbours gathered into one.
/** @typedef {{id: string, time: number, label: 'positive' | 'neutral' | 'negative' | null}} NewsMark */

const GATHER_PX = 22;
const SIZE = 11;
const FOOT_PX = 8;

/** @implements {ChartPrimitive} */
export class NewsLane {
  /** @type {ChartAttached | null} */
  #host = null;
  /** @type {NewsMark[]} by time, each on the start of a bar */
  #marks = [];
  /** @type {{x: number, marks: NewsMark[]}[]} what was drawn last, for finding what is under the pointer */
  #drawn = [];
  #y = 0;
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

  /** @param {NewsMark[]} marks by time @param {ChartPalette} colours */
  show(marks, colours) {
    this.#marks = marks;
    this.#colours = colours;
    this.#host?.requestUpdate();
  }

  /** The news gathered at a point. @param {number} x @param {number} y */
  hitTest(x, y) {
    if (Math.abs(y - this.#y) > 14) return null;
    const group = this.#drawn.find((one) => Math.abs(one.x - x) < GATHER_PX / 2);
    const newest = group?.marks.at(-1);
    return newest ? { externalId: `news:${newest.id}`, zOrder: /** @type {const} */ ('top'), cursorStyle: 'pointer' } : null;
  }

  paneViews() {
    return [{ zOrder: () => /** @type {const} */ ('top'), renderer: () => ({ draw: this.#draw }) }];
  }

  /** Only the marks in sight are looked at: two binary searches. */
  #inSight() {
    const range = this.#host?.chart.timeScale().getVisibleRange();
    if (!range) return [];
    const from = this.#search(Number(range.from));
    return this.#marks.slice(from, this.#search(Number(range.to) + 1));
  }

  /** @param {number} time */
  #search(time) {
    let [low, high] = [0, this.#marks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (/** @type {NewsMark} */ (this.#marks[middle]).time < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #gather() {
    /** @type {{x: number, marks: NewsMark[]}[]} */
    const groups = [];
    for (const mark of this.#inSight()) {
      const x = this.#host?.chart.timeScale().timeToCoordinate(/** @type {ChartTime} */ (mark.time));
      if (x === null || x === undefined) continue;
      const last = groups.at(-1);
      if (last && x - last.x < GATHER_PX) last.marks.push(mark);
      else groups.push({ x, marks: [mark] });
    }
    return groups;
  }

  /** @param {ChartCanvas} target */
  #draw = (target) => {
    target.useMediaCoordinateSpace(({ context, mediaSize }) => {
      this.#y = mediaSize.height - FOOT_PX - SIZE / 2;
      this.#drawn = this.#gather();
      context.textAlign = 'center';
      context.font = "600 11px 'Inter Variable', system-ui, sans-serif";
      for (const { x, marks } of this.#drawn) {
        this.#shape(context, x, marks);
        if (marks.length < 2) continue;
        context.fillStyle = this.#colours.text2;
        context.fillText(String(marks.length), x, this.#y - SIZE / 2 - 4);
      }
    });
  };

  /** ▲ mostly good, ▼ mostly bad, ■ neither or not judged. @param {CanvasRenderingContext2D} context @param {number} x @param {NewsMark[]} marks */
  #shape(context, x, marks) {
    const leaning = marks.reduce((sum, { label }) => sum + (label === 'positive' ? 1 : label === 'negative' ? -1 : 0), 0);
    const half = SIZE / 2;
    const [top, foot] = leaning < 0 ? [this.#y + half, this.#y - half] : [this.#y - half, this.#y + half];
    context.beginPath();
    if (leaning === 0) context.rect(x - half + 1, this.#y - half + 1, SIZE - 2, SIZE - 2);
    else {
      context.moveTo(x - half, foot);
      context.lineTo(x + half, foot);
      context.lineTo(x, top);
      context.closePath();
    }
    context.fillStyle = leaning > 0 ? this.#colours.up : leaning < 0 ? this.#colours.down : this.#colours.text3;
    context.fill();
  }
}

// Marks in order of time, gathered where they would stand on each other. What is drawn costs as much as there are
// groups on the screen, however many marks there are: binary searches, sums reckoned beforehand, groups used again.

const GATHER_PX = 22;

/** @typedef {{x: number, from: number, to: number, weight: number}} Group  marks `from`..`to` (exclusive), the sum of their weights */
/** @typedef {Pick<ReturnType<ChartAttached['chart']['timeScale']>, 'getVisibleRange' | 'timeToIndex' | 'logicalToCoordinate' | 'coordinateToTime'>} Scale */

/** @template {{time: number}} T */
export class MarkTrack {
  /** @type {Group[]} those of the last look are the first `count` */
  groups = [];
  count = 0;
  #times;
  #sums;

  /** @param {readonly T[]} marks by time, in UTC seconds @param {(mark: T) => number} weight whole numbers */
  constructor(marks, weight) {
    this.marks = marks;
    this.#times = Float64Array.from(marks, (mark) => mark.time);
    this.#sums = new Int32Array(marks.length + 1);
    marks.forEach((mark, index) => (this.#sums[index + 1] = this.#sum(index) + weight(mark)));
  }

  /** @param {number} index */
  #sum(index) {
    return this.#sums[index] ?? 0;
  }

  /** The first mark at a time or after it. @param {number} time UTC seconds */
  firstAt(time) {
    let [low, high] = [0, this.#times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (/** @type {number} */ (this.#times[middle]) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Gather what is in sight into `groups`. @param {Scale | undefined} scale @returns {number} how many groups */
  gather(scale) {
    this.count = 0;
    const range = scale?.getVisibleRange();
    if (!scale || !range) return 0;
    const end = this.firstAt(Number(range.to) + 1);
    for (let from = this.firstAt(Number(range.from)); from < end; ) {
      const index = scale.timeToIndex(/** @type {ChartTime} */ (this.#times[from]), true);
      const x = index === null ? null : scale.logicalToCoordinate(/** @type {any} */ (index));
      if (x === null) break;
      const next = scale.coordinateToTime(x + GATHER_PX);
      const to = next === null ? end : Math.min(end, Math.max(from + 1, this.firstAt(Number(next))));
      this.#put(x, from, to);
      from = to;
    }
    return this.count;
  }

  /** @param {number} x @param {number} from @param {number} to */
  #put(x, from, to) {
    const weight = this.#sum(to) - this.#sum(from);
    const group = this.groups[this.count];
    if (group) [group.x, group.from, group.to, group.weight] = [x, from, to, weight];
    else this.groups.push({ x, from, to, weight });
    this.count++;
  }

  /** The newest mark of the group near a point on the axis. @param {number} x @param {number} within px */
  near(x, within) {
    for (let index = 0; index < this.count; index++) {
      const group = this.groups[index];
      if (group && Math.abs(group.x - x) < within) return this.marks[group.to - 1];
    }
    return undefined;
  }
}

// Moving averages of the closes. Lines to look at, so floats will do.

/** @param {Bar | undefined} bar */
const closeOf = (bar) => (bar?.row ? Number(bar.row.close) : null);

/** The mean of the last `length` closes at each bar; a bar without trades has none, and counts for none. @param {readonly Bar[]} bars @param {number} length */
export function movingAverage(bars, length) {
  /** @type {number[]} */
  const closes = [];
  let sum = 0;
  return bars.map((bar) => {
    const time = /** @type {ChartStamp} */ (bar.time);
    const close = closeOf(bar);
    if (close === null) return { time };
    closes.push(close);
    sum += close - (closes[closes.length - 1 - length] ?? 0);
    return closes.length < length ? { time } : { time, value: sum / length };
  });
}

/** The last point alone, as it is reckoned anew with each trade. @param {readonly Bar[]} bars @param {number} length */
export function lastAverage(bars, length) {
  const last = bars.at(-1);
  if (!last?.row) return null;
  let [sum, count] = [0, 0];
  for (let index = bars.length - 1; index >= 0 && count < length; index--) {
    const close = closeOf(bars[index]);
    if (close === null) continue;
    sum += close;
    count++;
  }
  return count < length ? null : { time: /** @type {ChartStamp} */ (last.time), value: sum / length };
}

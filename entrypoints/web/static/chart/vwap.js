// The day's volume-weighted average price, begun anew at each midnight UTC. A line to look at, so floats will do.
import { startOfDay } from '../market/candle-book.js';

/** @param {readonly Bar[]} bars */
export function sessionVwap(bars) {
  // A day that is loaded in part has no average yet.
  const whole = bars[0]?.time === startOfDay(bars[0]?.time ?? 0) ? -1 : startOfDay(bars[0]?.time ?? 0);
  let [day, money, volume] = [-1, 0, 0];
  return bars.map(({ time, row }) => {
    if (startOfDay(time) !== day) [day, money, volume] = [startOfDay(time), 0, 0];
    if (row?.vwap) {
      money += Number(row.vwap) * Number(row.volume);
      volume += Number(row.volume);
    }
    const stamp = /** @type {ChartStamp} */ (time);
    return volume && day !== whole ? { time: stamp, value: money / volume } : { time: stamp };
  });
}

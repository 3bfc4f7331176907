// The time axis in the reader's zone. Data stays in UTC (shifting it would break its order when clocks change); only the
// weights, which decide where days and hours are marked, are reckoned on shifted copies.
import { defaultHorzScaleBehavior, TickMarkType } from '../vendor/lightweight-charts/lightweight-charts.js';
import { day, full, hours, month, year, zoneOffset } from '../format/time.js';


const Default = defaultHorzScaleBehavior();

export class ZoneAxis extends Default {
  /** @param {Parameters<InstanceType<typeof Default>['fillWeightsForPoints']>[0]} points @param {number} from */
  fillWeightsForPoints(points, from) {
    const shifted = points.map((point, index) => {
      if (index < from - 1) return point; // only its neighbour's weight is compared
      const seconds = Number(this.key(point.time));
      const local = /** @type {ChartTime} */ (seconds + zoneOffset(seconds * 1000) / 1000);
      return { ...point, time: this.convertHorzItemToInternal(local) };
    });
    super.fillWeightsForPoints(shifted, from);
    for (let index = from; index < points.length; index++) {
      const [own, copy] = [points[index], shifted[index]];
      if (own && copy) own.timeWeight = copy.timeWeight;
    }
  }
}

/** @param {ChartTime} time */
const milliseconds = (time) => Number(time) * 1000;

/** The words under the axis. @returns {import('../vendor/lightweight-charts/lightweight-charts.js').TickMarkFormatter} */
export const tickMarks = () => (time, kind) => {
  const ms = milliseconds(time);
  if (kind === TickMarkType.Year) return year(ms);
  if (kind === TickMarkType.Month) return month(ms);
  return kind === TickMarkType.DayOfMonth ? day(ms) : hours(ms);
};

/** The words at the crosshair. @param {ChartTime} time */
export const crosshairTime = (time) => full(milliseconds(time));

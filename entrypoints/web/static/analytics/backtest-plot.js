// <cv-backtest-plot>: equity beside buying and holding, and below it how deep it stood under its peak.
import { html } from '../vendor/lit/lit.js';
import { effect } from '../vendor/signals/signals.js';
import { createChartEx, LineSeries } from '../vendor/lightweight-charts/lightweight-charts.js';
import { chartLook, palette } from '../chart/look.js';
import { crosshairTime, tickMarks, ZoneAxis } from '../chart/zone-axis.js';
import { locale, words } from '../format/language.js';
import { decimal } from '../format/number.js';
import { zoneName } from '../format/time.js';
import { tools } from '../format/tool-words.js';
import { shade } from '../shell/theme.js';
import { View } from '../shell/view.js';
import { report } from './backtest-state.js';

const percentFormat = {
  type: /** @type {const} */ ('custom'),
  minMove: 0.01,
  formatter: (/** @type {number} */ value) => words.peek().percent(decimal(value.toFixed(1), 1)),
};

/** @param {HTMLElement} host */
function build(host) {
  const colours = palette();
  const api = createChartEx(host, new ZoneAxis(), { ...chartLook(colours), autoSize: true, handleScroll: { vertTouchDrag: false } });
  const quiet = /** @type {const} */ ({ priceLineVisible: false, crosshairMarkerVisible: false, priceFormat: percentFormat });
  const held = api.addSeries(LineSeries, { ...quiet, lineWidth: 1, lineStyle: 2 });
  const equity = api.addSeries(LineSeries, { ...quiet, lineWidth: 2 });
  const drawdown = api.addSeries(LineSeries, { ...quiet, lineWidth: 1 }, 1);
  api.panes()[0]?.setStretchFactor(3);
  api.panes()[1]?.setStretchFactor(1);
  return { api, held, equity, drawdown };
}

class BacktestPlot extends View {
  /** @type {(() => void)[]} */
  #ends = [];

  connectedCallback() {
    super.connectedCallback();
    const parts = build(/** @type {HTMLElement} */ (this.querySelector('.plot-host')));
    this.#ends = [effect(() => paint(parts)), effect(() => fill(parts)), () => parts.api.remove()];
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    for (const end of this.#ends.splice(0)) end();
  }

  view() {
    const t = tools.value;
    return html`
      <p class="plot-legend" aria-hidden="true">
        <span class="key-equity">${t.strategy}</span> <span class="key-held">${t.buyAndHold}</span> <span class="key-drawdown">${t.drawdown}</span>
      </p>
      <div class="plot-host" role="img" aria-label=${t.plotOf(report.value?.strategy ?? '', report.value?.pair ?? '')}></div>`;
  }
}

/** @param {ReturnType<typeof build>} parts */
function paint({ api, held, equity, drawdown }) {
  void shade.value;
  void zoneName.value;
  const colours = palette();
  api.applyOptions({ ...chartLook(colours), localization: { locale: locale.value, timeFormatter: crosshairTime } });
  const labels = { timeVisible: true, tickMarkFormatter: tickMarks() };
  api.timeScale().applyOptions(labels);
  equity.applyOptions({ color: colours.accent });
  held.applyOptions({ color: colours.text2 });
  drawdown.applyOptions({ color: colours.down });
}

/** @param {ReturnType<typeof build>} parts */
function fill({ api, held, equity, drawdown }) {
  const curve = report.value?.curve ?? [];
  const at = (/** @type {string} */ time) => /** @type {ChartStamp} */ (Math.floor(Date.parse(time) / 1000));
  equity.setData(curve.map((point) => ({ time: at(point.timestamp), value: (point.equity - 1) * 100 })));
  held.setData(curve.map((point) => ({ time: at(point.timestamp), value: (point.benchmark - 1) * 100 })));
  drawdown.setData(curve.map((point) => ({ time: at(point.timestamp), value: -point.drawdown_pct })));
  api.timeScale().fitContent();
}

customElements.define('cv-backtest-plot', BacktestPlot);

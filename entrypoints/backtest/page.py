"""A backtest's report as one HTML file that needs nothing else."""

from html import escape
from pathlib import Path

from application.analytics.backtest.backtests import Report
from domain.values import rfc3339
from entrypoints.backtest.words import fees_of, notes_of, rows_of, span_of, title_of

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>
:root {{ color-scheme: light dark }}
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; margin: 1rem 0 }}
th, td {{ padding: .2rem .8rem; text-align: right; border-bottom: 1px solid #8884 }}
th:first-child, td:first-child {{ text-align: left }}
svg {{ max-width: 100%; height: auto; background: #fff }}
</style></head><body>
<h1>{title}</h1>
<p>{span}</p>
{drawing}
<table><caption>What it was worth, after all costs</caption>
<tr><th scope="col">Figure</th><th scope="col">Strategy</th><th scope="col">Buy and hold</th></tr>
{figures}
</table>
<p>{fees}</p>
<ul>
{notes}
</ul>
<table><caption>Trades</caption>
<tr><th scope="col">Bought (UTC)</th><th scope="col">at</th><th scope="col">Sold (UTC)</th><th scope="col">at</th>\
<th scope="col">Return</th></tr>
{trades}
</table>
</body></html>
"""


def write_page(file: Path, report: Report, drawing: str) -> None:
    """Write the report; `drawing` is an <svg> element, or a sentence that says why there is none. Raises OSError."""
    text = _PAGE.format(
        title=escape(title_of(report)),
        span=escape(span_of(report)),
        drawing=drawing if drawing.startswith("<svg") else f"<p>{escape(drawing)}</p>",
        figures="\n".join(_row(*row) for row in rows_of(report)),
        fees=escape(fees_of(report)),
        notes="\n".join(f"<li>{escape(note)}</li>" for note in notes_of(report)),
        trades="\n".join(_trades(report)),
    )
    file.write_text(text, encoding="utf-8")


def _row(*cells: str) -> str:
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def _trades(report: Report) -> list[str]:
    run, history = report.run, report.history
    rows = [
        _row(
            rfc3339(history.time(entry)), f"{bought:.10g}", rfc3339(history.time(leave)), f"{sold:.10g}", f"{left:.2%}"
        )
        for entry, bought, leave, sold, left in zip(
            run.entries, run.entry_prices, run.exits, run.exit_prices, run.returns, strict=False
        )
    ]
    if len(run.entries) > len(run.exits):
        rows.append(_row(rfc3339(history.time(run.entries[-1])), f"{run.entry_prices[-1]:.10g}", "open", "–", "–"))
    return rows

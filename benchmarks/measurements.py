"""Runs the benchmarks and writes what they print into docs/measurements.md. `make measurements` calls it.

    python -m benchmarks.measurements [NAME ...]

With names, only those are measured again; the others keep what stands there. A benchmark that fails stops the writing
of its own section alone, and the command ends with 1.
"""

import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "measurements.md"
SECTIONS = {
    "sentiment": "Sentiment of headlines",
    "forecasting": "Forecasts against no change",
    "backtests": "Backtests against backtesting.py",
    "frames": "Frames of the venue",
    "first_minute": "From an empty folder to forecasts, simulated",
    "pipeline": "Frame to stored row, embedded",
    "stream": "Frame to WebSocket client, embedded",
    "pages": "Pages over HTTP, embedded",
    "first_paint": "How soon the dashboard is of use",
    "page": "The dashboard in a browser",
    "page_memory": "The dashboard's memory over an hour",
    "extraction": "Articles out of web pages",
    "kafka": "Events into Kafka",
    "ingestion": "Kafka to TimescaleDB through Spark",
    "fan_out": "A thousand WebSocket clients on one process",
    "direct_path": "Kafka to WebSocket client",
    "queries": "Pages over HTTP, from 10 million trades on TimescaleDB",
}
OPTIONS = {"ingestion": ["--long", "5000000", "--latency", "200"]}
_SECTION = re.compile(r"^## .*?\n\n    python -m benchmarks\.(?P<name>\w+).*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def measured(name: str) -> str | None:
    """A section with what a benchmark prints on standard output; None, said, where it fails."""
    print(f"measuring {name} ...", flush=True)
    command = ["-m", f"benchmarks.{name}", *OPTIONS.get(name, [])]
    load = os.getloadavg()[0]
    done = subprocess.run([sys.executable, *command], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        print(f"{name} failed and keeps its old section")
        return None
    table = "\n".join(f"    {line}".rstrip() for line in done.stdout.strip().splitlines())
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    when = f"{datetime.now(UTC):%Y-%m-%d}, {machine}, load before {load:.1f}"
    return f"## {SECTIONS[name]}\n\n    python {' '.join(command)}\n\n{when}\n\n{table}"


def main() -> int:
    """Measure, and write the page."""
    wanted = sys.argv[1:] or list(SECTIONS)
    unknown = [name for name in wanted if name not in SECTIONS]
    if unknown:
        print(f"there is no benchmark {', '.join(unknown)}: expected some of {', '.join(SECTIONS)}")
        return 2
    present = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    sections = {match["name"]: match[0].rstrip() for match in _SECTION.finditer(present)}
    new = {name: section for name in wanted if (section := measured(name))}
    sections |= new
    head = "# Measurements\n\nWhat `make measurements` printed, each table by the command above it. Ratios compare runs that took turns."
    parts = [head, *(sections[name] for name in SECTIONS if name in sections)]
    PAGE.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return 0 if len(new) == len(wanted) else 1


if __name__ == "__main__":
    sys.exit(main())

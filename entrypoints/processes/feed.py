"""`cryptoviz feed`: from the venue to the log."""

import threading

from application.market.resume import remember_log
from entrypoints.collecting import Backfilling, MarketCollecting
from entrypoints.house import open_house
from entrypoints.outside import Outside, open_outside
from entrypoints.plan import Plans
from entrypoints.processes.process import Process
from entrypoints.settings import Settings
from entrypoints.workers.worker import Worker


def run_feed(settings: Settings) -> None:
    """Collect until asked to stop: the venue's feed, its gaps and its history. Raises NotAllowed, KrakenError."""
    process = Process("feed", settings)
    process.listen_for_signals()
    outside: Outside | None = None
    with open_house(settings) as house:
        try:
            process.claim_store()
            box = process.box
            process.wait_until(
                "read what the log holds", lambda: remember_log(box.collector(), box.event_log(), box.store())
            )
            outside = open_outside(settings, process.source, process.box.clock(), process.telemetry)
            process.work(_workers(process, outside, process.plans(house.sources(), outside.news)))
        finally:
            if outside:
                outside.stop()
            process.close()


def _workers(process: Process, outside: Outside, plans: Plans) -> list[Worker]:
    box = process.box
    collector, inbox = box.collector(), box.inbox()

    def hold_open(stop: threading.Event) -> None:
        stop.wait()
        inbox.close()

    progress = process.board.progress("feed")
    market = MarketCollecting(plans, outside, collector, box.clock(), process.source.origin, progress)
    ends = "the recording has ended" if process.source.recording else None
    workers = [process.worker("feed", market.run, ends=ends)]
    backfill = outside.backfill(collector, box.market_reads(), box.clock(), process.telemetry, process.settings)
    if backfill:
        workers.append(process.worker("backfill", Backfilling(plans, backfill).run))
    # They stop in this order: when nothing comes in any more, the inbox closes, and what is in it is still written.
    return [*workers, process.worker("inbox", hold_open), process.worker("log-writer", box.log_writer().run)]

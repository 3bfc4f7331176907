"""`cryptoviz feed`: from the venue to the log."""

import threading
from contextlib import suppress

import structlog

from adapters.kafka.event_log import KafkaEventLog
from application.market.resume import remember_log
from application.ports.event_log import EventLog, LogUnavailable
from entrypoints.collecting import Backfilling, MarketCollecting
from entrypoints.house import open_house
from entrypoints.outside import Outside, open_outside
from entrypoints.plan import Plans
from entrypoints.processes.process import Process
from entrypoints.settings import Settings
from entrypoints.workers.worker import Worker

log = structlog.get_logger(__name__)


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
            say_moved_pairs(box.event_log())
            outside = open_outside(settings, process.source, process.box.clock(), process.telemetry)
            process.work(_workers(process, outside, process.plans(house.sources(), outside.news, outside.names)))
        finally:
            if outside:
                outside.stop()
            process.close()


def say_moved_pairs(event_log: EventLog) -> None:
    """Warn where a pair's next trades go to another partition than its last ones: their order holds within each only."""
    if isinstance(event_log, KafkaEventLog):
        with suppress(LogUnavailable):  # then the feed waits for the log anyway
            moved = event_log.moved_pairs()
            if moved:
                log.warning(
                    "pairs go to another partition, as the order of CRYPTOVIZ_PAIRS or the number of partitions has "
                    "changed: readers that rely on one order for a pair may see its newer records first",
                    pairs={pair: f"from {old} to {new}" for pair, (old, new) in moved.items()},
                )


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

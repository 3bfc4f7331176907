"""`cryptoviz news`: from the news feeds to the log."""

from functools import partial

from application.source_troubles import SourceTroubles
from application.watched_log import WatchedLog
from entrypoints.collecting import NewsCollecting
from entrypoints.house import open_house
from entrypoints.outside import open_outside
from entrypoints.processes.process import Process
from entrypoints.settings import Settings


def run_news(settings: Settings) -> None:
    """Poll the feeds and read the articles until asked to stop. Raises NotAllowed."""
    process = Process("news", settings)
    process.listen_for_signals()
    box = process.box
    outside = open_outside(settings, process.source, box.clock(), process.telemetry)
    with open_house(settings) as house:
        try:
            process.claim_store()
            plans = process.plans(house.sources(), outside.news)
            troubles = SourceTroubles("the news feeds")
            progress = process.board.progress("news")
            progress.explain_by(troubles.look)
            news_log = WatchedLog(box.event_log(), progress, troubles.note)
            collector_of = partial(
                outside.news_collector, pairs=lambda: plans.latest.pairs, event_log=news_log, reads=box.news_reads(), clock=box.clock(),
                telemetry=process.telemetry, interval_s=settings.feed_interval_s,
            )  # fmt: skip
            news = NewsCollecting(plans, collector_of, box.event_log(), box.clock(), outside.news_origin, troubles)
            process.work([process.worker("news", news.run)])
        finally:
            outside.stop()
            process.close()

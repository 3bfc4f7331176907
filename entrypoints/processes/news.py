"""`cryptoviz news`: from the news feeds to the log."""

from entrypoints.outside import open_outside
from entrypoints.processes.process import Process
from entrypoints.settings import Settings
from entrypoints.workers.worker import Worker


def run_news(settings: Settings) -> None:
    """Poll the feeds and read the articles until asked to stop. Raises NotAllowed."""
    process = Process("news", settings)
    process.listen_for_signals()
    box = process.box
    outside = open_outside(settings, process.source, box.clock(), process.telemetry)
    try:
        process.claim_store()
        workers = []
        if outside.news:
            news = outside.news_collector(
                box.event_log(), box.news_reads(), box.clock(), process.telemetry, settings.feed_interval_s
            )
            workers.append(Worker("news", news.run))
        process.work(workers)
    finally:
        outside.stop()
        process.close()

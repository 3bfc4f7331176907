"""`cryptoviz alerting`: from the log to alerts and to whom they concern, and back to the log; it tends the tables."""

from adapters.redis.channels import listen
from domain.values import Origin
from entrypoints.house import open_house
from entrypoints.processes.process import Process
from entrypoints.settings import Settings


def run_alerting(settings: Settings) -> None:
    """Watch the rules, notify, relay the event store, and delete rows that are older than retention says.

    Raises NotAllowed.
    """
    with open_house(settings) as house:
        process = Process("alerting", settings, channels=house.channels())
        process.listen_for_signals()
        box = process.box
        try:
            process.claim_store()
            process.wait_until("make the default rule", lambda: box.alert_commands().set_up(settings.pairs))
            workers = [
                process.worker("alerting", box.alert_watch().run),
                process.worker("relay", box.relay().run),
                process.worker("retention", box.retention().run),
            ]
            if process.source.origin is not Origin.RECORDING:
                workers.append(process.worker("notifying", box.notifying().run))
            redis_url = settings.redis_url
            if redis_url:  # an API's command goes out at once, not at the relay's next turn
                wake = box.relay().wake
                workers.append(process.worker("notices", lambda stop: listen(redis_url, wake, stop)))
            process.work(workers)
        finally:
            process.close()

"""A process whose files may not grow for a while, as on a full disk; prints what the log said, then what it holds."""

import resource
import signal
import sys
from pathlib import Path

from adapters.embedded.event_log import SqliteEventLog
from application.ports.event_log import BEGINNING, LogUnavailable
from application.topics import TRADES
from tests.contracts.event_log import events
from tests.facts import trade

if __name__ == "__main__":
    path = Path(sys.argv[1])
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with SqliteEventLog(path) as log:
        log.append([trade(1)])
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
        try:
            log.append([trade(number) for number in range(100, 10_100)])
        except LogUnavailable as error:
            print(error)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        log.append([trade(2)])
        with log.reader([TRADES], after=BEGINNING) as reader:
            print([event.event_id for event in events(reader.read(limit=100, timeout_s=0))])

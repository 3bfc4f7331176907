"""A process that appends batches for ever and prints each acknowledged one; tests kill it."""

import sys
from pathlib import Path

from adapters.embedded.event_log import SqliteEventLog
from tests.facts import trade

BATCH = 50

if __name__ == "__main__":
    log = SqliteEventLog(Path(sys.argv[1]))
    start = int(sys.argv[2])
    while True:
        log.append([trade(start + number) for number in range(BATCH)])
        start += BATCH
        print(start, flush=True)

"""How a Spark job runs: where, from which topics, how often and how much at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class JobConfig:
    """`master` is Spark's: `local[*]` (threads of the job's own process), or `spark://HOST:PORT`.

    `checkpoints` is a directory that outlives the job; where executors run on other machines all of them must see it.
    `trigger_s` is how long a batch waits for the next one to begin, at least; `records_at_once` bounds a batch.
    `python_daemon` is the module that the executors' Python workers are started from.
    """

    name: str
    master: str
    jars: Sequence[Path]
    bootstrap_servers: str
    checkpoints: Path
    trigger_s: float = 1.0
    records_at_once: int = 300_000
    driver_memory: str = "1g"
    python_daemon: str = "pyspark.daemon"

    @property
    def is_local(self) -> bool:
        """Whether all of it runs in the job's own process."""
        return self.master.startswith("local")

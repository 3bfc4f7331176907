"""What Spark starts Python workers from (`spark.python.daemon.module`): Spark's own daemon, in a process made ready for our tasks.

Between two tasks Spark's worker reads the directories of all archives on the path anew (importlib.invalidate_caches, up to
Python 3.11), and collects garbage. With tasks of milliseconds, and a few of them a second, that was nine tenths of its time:
docs/decisions/0021-spark-workers.md.
"""

import gc
import sys
import zipfile
from importlib import import_module
from importlib.machinery import PathFinder


def leave_archives() -> None:
    """Take archives off the path where all that they bring is installed too: Spark puts its own and a jar there."""
    archives = [path for path in sys.path if zipfile.is_zipfile(path)]
    rest = [path for path in sys.path if path not in archives]
    if all(PathFinder.find_spec(name, rest) for name in ("pyspark", "py4j")):
        sys.path[:] = rest
        for path in archives:
            sys.path_importer_cache.pop(path, None)


if __name__ == "__main__":
    leave_archives()
    # Each worker is a fork of this process: what is imported here is imported once, and shared.
    for name in ("entrypoints.jobs.analytics_tasks", "entrypoints.jobs.ingest_tasks", "psycopg2", "pandas"):
        import_module(name)  # pandas is none of ours: Spark's worker asks for it at each Arrow task
    from pyspark.daemon import manager

    gc.freeze()  # what is loaded for good is not looked through again
    manager()  # type: ignore[no-untyped-call]

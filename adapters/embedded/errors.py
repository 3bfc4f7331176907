"""What can be wrong with the log's file."""

from application.ports.event_log import LogUnavailable


class LogFileUnusable(LogUnavailable):
    """The file is damaged, of a newer format, or somebody else's: trying again does not help."""


class LogFileDamaged(LogFileUnusable):
    """The file is damaged or no event log. `repair` in `log_salvage.py` keeps what can still be read of it."""

"""What goes wrong on the way to Kraken and with files of its data, each in one sentence for people."""


class KrakenError(Exception):
    """Base of what this adapter raises."""


class ConnectionLost(KrakenError):
    """The connection could not be made, broke, or carries nothing that we need any more."""


class RecordingError(KrakenError):
    """A recording that cannot be read, or not be written."""


class HistoryFileError(KrakenError):
    """A file of history that cannot be read, or is of no form that we know."""

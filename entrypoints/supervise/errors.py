"""What keeps parts from starting or stopping."""


class NotStarted(Exception):
    """A part cannot be started, does not get ready, or does not stop; the message says which, why, and what to do."""

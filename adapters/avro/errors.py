"""What the codec refuses."""


class Undecodable(ValueError):
    """Bytes that are no event of ours. The message is one sentence that says why."""


class Unencodable(ValueError):
    """An event that does not fit its schema: a mistake of the program that made it, never of the data."""

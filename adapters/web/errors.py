"""The one way in which fetching goes wrong."""


class WebError(Exception):
    """Nothing usable came from an address; the message says why, for people.

    `status` is the HTTP status where there was one. `retry_after_s`: the server asked to be left alone so long.
    """

    def __init__(self, reason: str, *, status: int | None = None, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.retry_after_s = retry_after_s


class Unreachable(WebError):
    """The host did not answer, or broke off: it may be in trouble, or the way to it."""

"""Port: the pages that articles stand on."""

import threading
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """The article's text, plain, and what found it in the page: `trafilatura` or `beautifulsoup`."""

    text: str
    extracted_by: str


class PageUnavailable(Exception):
    """No text could be had; the message is for people. `retry_after_s`: the host asked to be left alone so long.

    `is_lasting`: asking again is no use. `is_of_host`: the host is in trouble, not this page alone.
    """

    def __init__(
        self, reason: str, *, retry_after_s: float | None = None, is_lasting: bool = False, is_of_host: bool = False
    ) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s
        self.is_lasting = is_lasting
        self.is_of_host = is_of_host


class PageReader(Protocol):
    """Reads article pages. Safe for several threads."""

    def read(self, url: str, stop: threading.Event, *, patiently: bool = False) -> PageText:
        """Fetch the page at `url` and find the article in it; breaks off when `stop` is set. Raises PageUnavailable.

        `patiently`: nobody waits for it, a slow host may take its time.
        """
        ...

    def close(self) -> None:
        """Give back what it holds; a later read takes it again."""
        ...

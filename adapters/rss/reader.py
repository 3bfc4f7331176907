"""News feeds over HTTP."""

import threading
from urllib.parse import urlsplit

import msgspec

from adapters.web.client import Wanted, WebClient
from adapters.web.errors import WebError
from adapters.web.isolation import ParserFailed, QuarantinedParser
from application.ports.news_feed import FeedAnswer, FeedUnavailable, Validators

_WANTED = Wanted(
    "a feed", "application/rss+xml,application/atom+xml,application/xml;q=0.9,text/xml;q=0.9,*/*;q=0.5"
)  # of any media type: what is a feed is found out by reading it
_NEVER_A_FEED = ("image/", "audio/", "video/", "font/", "application/pdf", "application/zip")
_LARGEST = 10_000_000  # bytes
_PARSED_WITHIN_S = 10.0


class _NotAFeed(msgspec.Struct):
    not_a_feed: str = ""


class RssReader:
    """Implements `application.ports.news_feed.FeedReader` for RSS and Atom."""

    def __init__(self, web: WebClient) -> None:
        self._web = web
        self._parser = QuarantinedParser("adapters.rss.parse:parse_feed_json", seconds=_PARSED_WITHIN_S)

    def read(self, url: str, validators: Validators, stop: threading.Event) -> FeedAnswer:
        """Fetch and read the feed at `url`. Raises FeedUnavailable."""
        conditions = {"if-none-match": validators.etag, "if-modified-since": validators.last_modified}
        try:
            answer = self._web.get(
                url, _WANTED, limit=_LARGEST, stop=stop,
                headers={name: value for name, value in conditions.items() if value},
            )  # fmt: skip
            given = Validators(
                etag=_sendable(answer.headers.get("etag")), last_modified=_sendable(answer.headers.get("last-modified"))
            )
            if answer.status == 304:
                return _not_modified(validators, given)
            options = {"url": answer.url, "content_type": answer.headers.get("content-type")}
            parsed = self._parser.parse(url, answer.body, options, stop)
        except WebError as error:
            raise FeedUnavailable(str(error), retry_after_s=error.retry_after_s) from error
        except ParserFailed as error:
            raise FeedUnavailable(f"the feed could not be read: {error}") from error
        refusal = msgspec.json.decode(parsed, type=_NotAFeed).not_a_feed
        if refusal:
            media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
            if media_type.startswith(_NEVER_A_FEED):
                refusal = f"{urlsplit(answer.url).hostname} sent '{media_type[:60]}' where a feed was expected"
            raise FeedUnavailable(refusal)
        feed = msgspec.json.decode(parsed, type=FeedAnswer)
        return FeedAnswer(entries=feed.entries, refused=feed.refused, left_out=feed.left_out, validators=given)

    def close(self) -> None:
        """End the parser's process; a later read starts another."""
        self._parser.close()


def _not_modified(shown: Validators, given: Validators) -> FeedAnswer:
    """RFC 9110, 15.4.5: validators that come with a 304 take the place of those that were shown."""
    if shown == Validators():
        raise FeedUnavailable("the server says that nothing has changed (304), but was not asked whether")
    kept = Validators(etag=given.etag or shown.etag, last_modified=given.last_modified or shown.last_modified)
    return FeedAnswer(not_modified=True, validators=kept)


def _sendable(value: str | None) -> str | None:
    """A header that we can send back: short, printable ASCII."""
    return value if value and len(value) <= 500 and value.isascii() and value.isprintable() else None

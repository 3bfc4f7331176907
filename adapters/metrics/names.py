"""Every metric: its kind, what it says, its labels. Exposed with the prefix `cryptoviz_`, counters with `_total`."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Declared:
    """One metric."""

    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

METRICS: dict[str, Declared] = {
    "events": Declared("counter", "Events applied to the read models", ("kind", "origin")),
    "frames": Declared("counter", "Frames received from a market feed", ("feed",)),
    "unknown_frames": Declared("counter", "Frames of a kind that we do not know, left alone"),
    "venue_status": Declared("counter", "Status messages of the venue", ("status",)),
    "reconnects": Declared("counter", "Connections to the venue that were lost and made anew"),
    "dead_letters": Declared("counter", "Inputs that could not be understood or processed and were kept", ("kind",)),
    "refusals": Declared("counter", "What a source refused us, by reason", ("reason",)),
    "trade_ids_restarted": Declared("counter", "Times that a venue numbered the trades of a pair anew", ("pair",)),
    "gaps": Declared("counter", "Gaps found in the trade ids", ("pair",)),
    "backfilled": Declared("counter", "Trades fetched afterwards", ("pair",)),
    "trades_seen_before": Declared("counter", "Trades that came a second time", ("pair",)),
    "tickers_coalesced": Declared("counter", "Tickers replaced by newer ones while we could not keep up"),
    "alerts": Declared("counter", "Alerts raised"),
    "notifications": Declared("counter", "Attempts to deliver alerts: sent, refused", ("outcome",)),
    "articles": Declared(
        "counter", "Articles published, by source and what their text came from", ("source", "extracted_by")
    ),
    "news_polls": Declared("counter", "Polls of news feeds: answered, not_modified, failed", ("source", "outcome")),
    "expired": Declared("counter", "Rows, or chunks of rows, deleted because of their age", ("table", "unit")),
    "queue_depth": Declared("gauge", "What waits in a queue", ("queue",)),
    "lag_seconds": Declared("gauge", "How late a feed's messages were recorded, as lag_s in /api/v1/feeds/", ("feed",)),
    "quiet_seconds": Declared("gauge", "Age of a feed's newest message, as quiet_s in /api/v1/feeds/", ("feed",)),
    "missing_trades": Declared("gauge", "Trades of a feed that were missed and not fetched yet", ("feed",)),
    "part_ok": Declared("gauge", "1 while a part is ok in /api/v1/health/, else 0", ("part",)),
    "part_down": Declared("gauge", "1 while a part is down or stopped in /api/v1/health/, else 0", ("part",)),
    "part_since_seconds": Declared("gauge", "When a part's present state began, in seconds since 1970", ("part",)),
    "part_restarts": Declared("gauge", "How often a part was started again after a failure", ("part",)),
    "part_behind": Declared("gauge", "Records of the log that a part has not read yet", ("part",)),
    "stream_clients": Declared("gauge", "Open WebSocket streams"),
    "stream_messages": Declared("counter", "Rows handed to stream clients' queues", ("channel",)),
    "stream_clients_too_slow": Declared("counter", "Stream clients closed because their queue was full"),
    "http_requests": Declared("counter", "HTTP requests", ("method", "route", "status")),
    "http_request_seconds": Declared("histogram", "Time to the start of the response", ("method", "route"), SECONDS),
}

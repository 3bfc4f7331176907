"""What is configured, for pages and programs that draw by it."""

from importlib.metadata import version

import msgspec
from litestar import Controller

from application.alerting.commands import DEFAULT_TERMS
from application.time_machine import recording_began_at
from domain.address import without_secrets
from domain.market.candle import Interval
from domain.values import Origin, plain, rfc3339
from entrypoints.api.params import Session
from entrypoints.api.routes import read
from entrypoints.api.stream.channels import CHANNELS


class FeedCell(msgspec.Struct, frozen=True):
    """A news feed; its address without what may be secret in it."""

    name: str
    url: str


class Thresholds(msgspec.Struct, frozen=True):
    """The default alert rule: a move of more than `price_move_pct` percent within `window_s` seconds."""

    price_move_pct: str
    window_s: int


class CryptoConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What this server watches and offers."""

    pairs: list[str]
    feeds: list[FeedCell]
    intervals: list[str]
    thresholds: Thresholds
    channels: list[str]
    origin: Origin
    profile: str
    version: str


class LogCell(msgspec.Struct, frozen=True):
    """The log: since when (RFC 3339) it holds what was recorded; null while it is empty."""

    began_at: str | None


class ConfigController(Controller):
    """The configuration."""

    tags = ["config"]  # noqa: RUF012 - Litestar reads it as it stands

    @read("/config/crypto", summary="Pairs, feeds, intervals, thresholds, channels", sync_to_thread=False)
    def crypto(self, services: Session) -> CryptoConfig:
        """Of the present session."""
        return CryptoConfig(
            pairs=[str(pair) for pair in services.pairs],
            feeds=[FeedCell(feed.name, without_secrets(feed.url)) for feed in services.feeds],
            intervals=[interval.value for interval in Interval],
            thresholds=Thresholds(plain(DEFAULT_TERMS.threshold_pct), DEFAULT_TERMS.window_s),
            channels=list(CHANNELS),
            origin=services.origin,
            profile=services.profile,
            version=version("cryptoviz"),
        )

    @read("/log", summary="Since when the past can be shown and replayed")
    def log(self, services: Session) -> LogCell:
        """The log forgets its oldest records where retention is on."""
        began_at = recording_began_at(services.event_log)
        return LogCell(None if began_at is None else rfc3339(began_at))

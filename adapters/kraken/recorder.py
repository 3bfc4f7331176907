"""Keeps what Kraken sends, frame by frame and verbatim, in a file that can be played again."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from adapters.kraken.config import KrakenConfig
from adapters.kraken.errors import RecordingError
from adapters.kraken.feed import KrakenFeed
from adapters.kraken.recording import Line
from application.ports.clock import Clock
from application.ports.telemetry import Telemetry
from domain.event import Event
from domain.market.feed import FeedConnected, FeedDisconnected, SubscriptionRejected
from domain.values import rfc3339

Progress = Callable[[int, str | None], None]
"""Takes the number of frames kept so far, and what is wrong at present, in words; None when all is well."""


def record(
    config: KrakenConfig,
    path: Path,
    stop: threading.Event,
    *,
    clock: Clock,
    telemetry: Telemetry,
    progress: Progress | None = None,
) -> int:
    """Record until `stop` is set, through every reconnection; returns how many frames are in the file.

    Each line is flushed as it is written. Raises RecordingError if the file is there already or cannot be written, or
    if nothing came; then there is no file.
    """
    try:
        file = path.open("xb")
    except FileExistsError:
        raise RecordingError(f"{path} is there already: name a new file, recordings are never overwritten") from None
    except OSError as error:
        raise RecordingError(f"{path} cannot be written ({error.strerror or error}): name another file") from error
    frames = 0
    trouble: str | None = None

    def keep(raw: bytes, received_at: datetime) -> None:
        nonlocal frames
        line = Line(rfc3339(received_at), raw.decode("utf-8", "backslashreplace"))
        try:
            file.write(msgspec.json.encode(line) + b"\n")
            file.flush()
        except OSError as error:
            raise RecordingError(f"{path} cannot be written to any more ({error.strerror or error})") from error
        frames += 1
        if progress:
            progress(frames, trouble)

    def tell(events: Sequence[Event]) -> None:
        nonlocal trouble
        for event in events:
            if isinstance(event, FeedConnected):
                trouble = None
            elif isinstance(event, FeedDisconnected | SubscriptionRejected):
                trouble = f"{event.pair}: {event.reason}" if isinstance(event, SubscriptionRejected) else event.reason
                if progress:
                    progress(frames, trouble)

    with file:
        KrakenFeed(config, clock=clock, telemetry=telemetry, tap=keep).run(tell, stop)
    if not frames:
        path.unlink()
        raise RecordingError(f"{trouble or f'nothing came from {config.url}'}, so there is no recording")
    return frames

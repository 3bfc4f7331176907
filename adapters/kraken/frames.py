"""What every frame goes through, live or recorded: it is read, counted, and told of where it is no data."""

from datetime import datetime

import structlog

from adapters.kraken.messages import Broken, Error, StatusFrame, TickerFrame, TradeFrame, Unknown
from adapters.kraken.parse import Parsed, parse
from application.ports.telemetry import Telemetry
from domain.dead_letter import DeadLettered
from domain.values import Origin

log = structlog.get_logger(__name__)

MAINTENANCE = "maintenance"
_STATES = frozenset({"online", "cancel_only", "post_only", "limit_only", MAINTENANCE})


class FrameReader:
    """Reads the frames of one session. `feed` labels its counts; `place` goes into dead letters."""

    def __init__(self, *, origin: Origin, place: str, feed: str, telemetry: Telemetry) -> None:
        self._origin, self._place, self._feed, self._telemetry = origin, place, feed, telemetry
        self._uncounted = 0
        self._unknown: set[str] = set()

    def read(self, raw: bytes, received_at: datetime, now: datetime | None = None) -> Parsed:
        """The frame's events, and the frame. Its rows are admitted at `now`; see `parse`."""
        self._uncounted += 1
        events, frame = parsed = parse(raw, received_at=received_at, origin=self._origin, place=self._place, now=now)
        if events and isinstance(events[-1], DeadLettered):
            self.refused("broken-frame" if isinstance(frame, Broken) else "bad-row", events[-1].reason)
        if not isinstance(frame, TradeFrame | TickerFrame):
            self._tell(frame)
        return parsed

    def refused(self, code: str, reason: str) -> None:
        """Count and log something refused, by us or by the venue."""
        self._telemetry.count("refusals", reason=code)
        log.warning("refused", code=code, reason=reason, place=self._place)

    def flush_counts(self) -> None:
        """Frames are counted in bulk: telling the telemetry of each would cost more than reading it."""
        if self._uncounted:
            self._telemetry.count("frames", self._uncounted, feed=self._feed)
            self._uncounted = 0

    def _tell(self, frame: object) -> None:
        match frame:
            case Unknown():
                self._telemetry.count("unknown_frames")
                if frame.kind not in self._unknown and len(self._unknown) < 100:
                    self._unknown.add(frame.kind)
                    log.warning("unknown frame ignored", kind=frame.kind, place=self._place)
            case Error():
                self.refused("error-answer", frame.text[:200])
            case StatusFrame():
                for state in frame.data:
                    known = state.system if state.system in _STATES else "other"
                    self._telemetry.count("venue_status", status=known)
                    level = log.info if state.system == "online" else log.warning
                    level(
                        "venue status",
                        status=state.system[:40],
                        upcoming_maintenance=len(state.upcoming_maintenance),
                        emergency=len(state.emergency),
                    )


def is_maintenance(frame: StatusFrame) -> bool:
    """Whether the venue says that it is in maintenance."""
    return bool(frame.data) and frame.data[-1].system == MAINTENANCE

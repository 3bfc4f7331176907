"""Who can read which kind of dead letter again."""

from collections.abc import Mapping, Sequence

from adapters.kraken.parse import parse
from application.dead_letters import ReadAgain
from domain.dead_letter import DeadLettered
from domain.event import Event


def _kraken_frame(letter: DeadLettered) -> Sequence[Event]:
    events, _ = parse(letter.raw, received_at=letter.recorded_at, origin=letter.origin, place=letter.place)
    return events


READERS: Mapping[str, ReadAgain] = {"kraken-frame": _kraken_frame}

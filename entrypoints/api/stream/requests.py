"""What clients say on the stream: one JSON object a message."""

from collections.abc import Sequence

import msgspec

from domain.errors import InvalidValue
from domain.values import Pair
from entrypoints.api.params import read_collected_pair
from entrypoints.api.services import Services
from entrypoints.api.stream.channels import CHANNELS

ACTIONS = ("subscribe", "unsubscribe", "replay", "live", "ping")
_OF_A_CHANNEL = ("subscribe", "unsubscribe")
LONGEST_MESSAGE = 16_384  # characters
_MOST_PAIRS = 100


class StreamRequest(msgspec.Struct, frozen=True):
    """`{"action": "subscribe", "channel": "trades", "pairs": ["BTC-USD"], "after": CURSOR}`; only `action` is a must.

    `{"action": "replay", "from": "2026-01-31T12:00:00Z", "speed": 10}` plays what the connection subscribed to again.
    """

    action: str
    channel: str | None = None
    pairs: list[str] | None = None
    after: str | int | None = None
    start: str | None = msgspec.field(default=None, name="from")
    speed: float = 1


def read_request(text: str | bytes) -> StreamRequest:
    """Read a client's message. Raises InvalidValue that says what was expected."""
    if len(text) > LONGEST_MESSAGE:
        raise InvalidValue("message", f"the message is too long: expected at most {LONGEST_MESSAGE} characters")
    try:
        request = msgspec.json.decode(text, type=StreamRequest)
    except msgspec.ValidationError as error:
        raise InvalidValue("message", f"the message cannot be understood: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidValue("message", f"the message is not JSON: {error}") from error
    if request.action not in ACTIONS:
        raise InvalidValue("action", f"action '{request.action[:40]}' is unknown: expected {', '.join(ACTIONS)}")
    if request.action in _OF_A_CHANNEL and request.channel not in CHANNELS:
        said = "missing" if request.channel is None else f"'{request.channel[:40]}', which is unknown"
        raise InvalidValue("channel", f"channel is {said}: expected one of {', '.join(CHANNELS)}")
    return request


def read_names(services: Services, channel: str, pairs: Sequence[str] | None) -> frozenset[str] | None:
    """What `pairs` picks on a channel: pairs; of articles the tags of the pairs' bases; of feeds also news feeds' names.

    None means all. Raises UnknownPair, InvalidValue.
    """
    if pairs is None:
        return None
    if not 1 <= len(pairs) <= _MOST_PAIRS:
        raise InvalidValue(
            "pairs", f"pairs has {len(pairs)} entries: expected 1 to {_MOST_PAIRS}; leave it out for all"
        )
    news = {feed.name for feed in services.feeds} if channel == "feeds" else set()
    names = [name if name in news else read_collected_pair(services, name) for name in pairs]
    if channel == "articles":
        return frozenset(Pair(name).base for name in names)
    return frozenset(map(str, names))

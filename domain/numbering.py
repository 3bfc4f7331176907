"""The events of an aggregate are numbered from 1; a stream with a hole or a repetition is not folded."""

from domain.errors import NotAllowed


class BrokenStream(NotAllowed):
    """A stream whose events do not follow each other: one is missing, stands twice, or does not belong there."""


def must_follow(name: str, sequence: int, stream: str, version: int) -> None:
    """Raises BrokenStream unless `name`, the `sequence`th event, comes next after `version` events of `stream`."""
    if sequence != version + 1:
        raise BrokenStream(
            f"{name} is event {sequence} of {stream}, after {version} events: expected event {version + 1}"
        )


def cannot_follow(name: str, stream: str, version: int) -> BrokenStream:
    """For an event that cannot stand where it does, such as a second creation."""
    return BrokenStream(f"{name} cannot be event {version + 1} of {stream}")

"""Events that earlier versions of the code wrote, brought up to the present version field by field."""

from collections.abc import Iterable

from domain.errors import NotAllowed
from domain.event import Event, Fields


class UnknownEvent(NotAllowed):
    """An event that this version of the code cannot read: of an unknown name, or of a version without a way to ours."""


def upcast(event: type[Event], version: int, fields: Fields) -> Fields:
    """The fields of `event` in its present version, made of those of an earlier one.

    Raises UnknownEvent for a newer version, one without an upcast, and fields that an upcast does not fit.
    """
    if not 1 <= version <= event.version:
        raise UnknownEvent(f"{event.name} version {version} is unknown: this program reads {_known(event)}")
    for number in range(version, event.version):
        step = event.upcasts.get(number)
        if step is None:
            raise UnknownEvent(
                f"{event.name} version {version} is unknown: nothing leads from {number} to {number + 1}"
            )
        try:
            fields = step(dict(fields))
        except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
            raise UnknownEvent(
                f"{event.name} version {version} cannot become version {number + 1}: {type(error).__name__} {error}"
            ) from error
    return fields


def event_named(name: str, events: Iterable[type[Event]], where: str) -> type[Event]:
    """The event of that name among those known `where`. Raises UnknownEvent."""
    for event in events:
        if event.name == name:
            return event
    raise UnknownEvent(f"event '{name[:60]}' is unknown in {where}: a newer version of the program may have written it")


def _known(event: type[Event]) -> str:
    return "1" if event.version == 1 else f"1 to {event.version}"

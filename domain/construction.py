"""Frozen dataclasses that are made a hundred thousand times a second, made quickly."""

from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def maker(cls: Callable[P, T]) -> Callable[P, T]:
    """A function that makes what a frozen, slotted, keyword-only dataclass makes, from the same arguments, checks included.

    A frozen dataclass fills each field through `object.__setattr__`, which costs several times what all else about a
    trade does. This fills a draft, a subclass that may still be written to, and then declares it to be of the class.
    """
    writable = {"__slots__": (), "__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    draft = type("Draft", (cls,), writable)  # type: ignore[arg-type]
    scope: dict[str, Any] = {"new": object.__new__, "draft": draft, "cls": cls}
    parameters, lines = [], []
    for field in fields(cls):  # type: ignore[arg-type]
        if field.default is MISSING:
            parameters.append(field.name)
        else:
            scope[f"default_{field.name}"] = field.default
            parameters.append(f"{field.name}=default_{field.name}")
        lines.append(f"  self.{field.name} = {field.name}")
    lines.append("  self.__class__ = cls")
    if hasattr(cls, "__post_init__"):
        lines.append("  self.__post_init__()")
    source = f"def make(*, {', '.join(parameters)}):\n  self = new(draft)\n" + "\n".join(lines) + "\n  return self"
    exec(source, scope)  # noqa: S102 - as dataclasses itself does; the names are our own fields
    make: Callable[P, T] = scope["make"]
    return make

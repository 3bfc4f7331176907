"""What each route needs: nothing, reading, or a role. A route may say so by `opt={"needs": …}`; else its path and method do."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from litestar.enums import ScopeType
from litestar.types import Scope

from domain.access.role import Role


class Need(StrEnum):
    """`open`: anybody. `reading`: whoever may read market data (see access_guard). Else a role, or a larger one."""

    OPEN = "open"
    READING = "reading"
    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    @property
    def role(self) -> Role | None:
        """The role that it takes, where it takes one."""
        return None if self in (Need.OPEN, Need.READING) else Role(self)


def need_of(opt: Mapping[str, Any], path: str, method: str) -> Need:
    """A route's need. Whatever says nothing and changes nothing is for reading: a new page must say that it is open."""
    if "needs" in opt:
        return Need(opt["needs"])
    if method not in ("GET", "HEAD", "OPTIONS"):
        return Need.OPERATOR
    return Need.VIEWER if path.startswith("/api/v1/admin") else Need.READING


def need_in(scope: Scope) -> Need:
    """The need of the route that a request is for."""
    method = scope["method"] if scope["type"] == ScopeType.HTTP else "GET"
    return need_of(scope["route_handler"].opt, scope["path_template"], method)

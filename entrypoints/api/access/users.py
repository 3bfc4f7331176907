"""Users, for admins."""

from typing import Any

import msgspec
from litestar import Controller, Request
from litestar.params import FromPath, JSONBody

from domain.access.role import role_named
from entrypoints.api.access.auditing import audited
from entrypoints.api.access.needs import Need
from entrypoints.api.access.rows import UserPage, UserRow, user_row
from entrypoints.api.params import Limit, OfHouse, PageCursor, page_of, read_text
from entrypoints.api.routes import change, create, read, remove


class NewUserBody(msgspec.Struct, forbid_unknown_fields=True):
    """A user: the role is viewer, operator or admin; the password has 10 to 200 characters."""

    name: str
    password: str
    role: str


class ChangedUserBody(msgspec.Struct, forbid_unknown_fields=True):
    """What is left out stays as it is."""

    role: str | None = None
    password: str | None = None
    enabled: bool | None = None


class UserController(Controller):
    """Users."""

    path = "/admin/users"
    tags = ["access"]  # noqa: RUF012 - Litestar reads it as it stands
    opt = {"needs": Need.ADMIN}  # noqa: RUF012

    @read(summary="Users")
    def users(self, house: OfHouse, limit: Limit = 100, cursor: PageCursor = None) -> UserPage:
        """By name."""
        page = page_of(house.users.list(), limit, read_text(cursor, "cursor"))
        return UserPage([user_row(user) for user in page.items], page.next_cursor)

    @create(summary="Make a user")
    def create_user(self, request: Request[Any, Any, Any], house: OfHouse, data: JSONBody[NewUserBody]) -> UserRow:
        """409 where the name is taken."""
        user = house.users.create(data.name, data.password, role_named(data.role))
        audited(request, target=user.name, detail=f"role {user.role}")
        return user_row(user)

    @change("/{name:str}", summary="Change a user")
    def change_user(
        self, request: Request[Any, Any, Any], house: OfHouse, name: FromPath[str], data: JSONBody[ChangedUserBody]
    ) -> UserRow:
        """Another password, and disabling, ends the user's sessions; 409 for the last admin."""
        audited(request, target=name, detail=_changes(data))
        role = None if data.role is None else role_named(data.role)
        return user_row(house.users.change(name, role=role, password=data.password, enabled=data.enabled))

    @remove("/{name:str}", summary="Delete a user")
    def delete_user(self, house: OfHouse, name: FromPath[str]) -> None:
        """With his sessions; his API keys are of no use from then on. 409 for the last admin."""
        house.users.delete(name)


def _changes(data: ChangedUserBody) -> str:
    role = f"role {data.role}" if data.role is not None else ""
    password = "another password" if data.password is not None else ""
    enabled = "" if data.enabled is None else "enabled" if data.enabled else "disabled"
    return ", ".join(filter(None, (role, password, enabled)))

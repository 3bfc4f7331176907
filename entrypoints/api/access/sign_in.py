"""Signing in and out, changing one's own password, and making the first user."""

from typing import Any

import msgspec
from litestar import Controller, Request, Response
from litestar.datastructures import Cookie
from litestar.params import JSONBody

from application.access.sessions import SignedIn, SignInRefused
from domain.access.account import LONGEST_SESSION, Principal
from domain.errors import InvalidValue
from entrypoints.api.access.auditing import audited
from entrypoints.api.access.authentication import SESSION_COOKIE
from entrypoints.api.access.needs import Need
from entrypoints.api.access.rows import SessionRow, session_row
from entrypoints.api.guards import unknown
from entrypoints.api.params import OfHouse
from entrypoints.api.problems import Refused
from entrypoints.api.routes import change, create, read, remove

AnyRequest = Request[Any, Any, Any]


class SignInBody(msgspec.Struct, forbid_unknown_fields=True):
    """A user's name and password."""

    name: str
    password: str


class PasswordBody(msgspec.Struct, forbid_unknown_fields=True):
    """One's present password, and the one that takes its place: 10 to 200 characters."""

    current_password: str
    new_password: str


class SetupBody(msgspec.Struct, forbid_unknown_fields=True):
    """The token of the link that the first start printed, and the first user's name and password."""

    token: str
    name: str
    password: str


def _cookie(value: str, *, max_age: int, secure: bool = False) -> Cookie:
    """No script reads it, no other site's request carries it; a `secure` one is never sent without TLS."""
    return Cookie(
        SESSION_COOKIE, value=value, max_age=max_age, path="/", httponly=True, samesite="strict", secure=secure
    )


class SessionController(Controller):
    """The present session."""

    path = "/admin/session"
    tags = ["access"]  # noqa: RUF012 - Litestar reads it as it stands

    @create(summary="Sign in", opt={"needs": Need.OPEN, "signs_in": True})
    def sign_in(self, request: AnyRequest, house: OfHouse, data: JSONBody[SignInBody]) -> Response[SessionRow]:
        """Sets the session's cookie. A refusal tells no reason: the name, the password, or too many attempts."""
        try:
            begun = house.sessions.sign_in(data.name, data.password, address=_address(request), before=request.auth)
        except SignInRefused as refused:
            audited(request, target=refused.known_name)
            raise
        audited(request, target=begun.user.name, actor=begun.user.name)
        return _with_cookie(request, begun)

    @read(summary="Who is signed in", opt={"needs": Need.VIEWER})
    def session(self, request: AnyRequest) -> SessionRow:
        """401 where nobody is; an API key has no session."""
        user: Principal = request.user
        if user.session is None:
            raise unknown("an API key has no session: sign in")
        return session_row(user, user.session, request.auth)

    @change(
        "/password",
        status_code=204,
        summary="Change one's own password",
        opt={"needs": Need.VIEWER, "signs_in": True},
    )
    def change_password(self, request: AnyRequest, house: OfHouse, data: JSONBody[PasswordBody]) -> None:
        """All of the user's other sessions end, this one goes on; 403 where the present password is another."""
        user: Principal = request.user
        audited(request, target=user.name)
        if user.session is None:
            raise Refused("an API key has no password: sign in to change yours")
        try:
            house.sessions.change_password(
                user.name, data.current_password, data.new_password, token=request.auth, address=_address(request)
            )
        except InvalidValue as refused:
            raise InvalidValue("new_password", str(refused)) from refused

    @remove(summary="Sign out", opt={"needs": Need.VIEWER}, response_cookies=[_cookie("", max_age=0)])
    def sign_out(self, request: AnyRequest, house: OfHouse) -> None:
        """The session is over, and its cookie gone."""
        if request.auth:
            house.sessions.sign_out(request.auth)


class SetupController(Controller):
    """The first user."""

    path = "/admin/setup"
    tags = ["access"]  # noqa: RUF012 - Litestar reads it as it stands

    @create(summary="Make the first user", opt={"needs": Need.OPEN, "signs_in": True})
    def set_up(self, request: AnyRequest, house: OfHouse, data: JSONBody[SetupBody]) -> Response[SessionRow]:
        """An admin, signed in at once; 409 where the token is not the one, or there is a user already."""
        user = house.users.set_up(data.token, data.name, data.password)
        audited(request, target=user.name, actor=user.name)
        return _with_cookie(request, house.sessions.begin(user, address=_address(request)))


def _with_cookie(request: AnyRequest, begun: SignedIn) -> Response[SessionRow]:
    secure = request.scope["scheme"] == "https"
    cookie = _cookie(begun.token, max_age=int(LONGEST_SESSION.total_seconds()), secure=secure)
    return Response(session_row(begun.user, begun.session, begun.token), status_code=201, cookies=[cookie])


def _address(request: AnyRequest) -> str:
    return request.client.host if request.client else "unknown"

"""Errors as RFC 9457 problem details: one map from what was raised to what is answered."""

import re
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap

from application.access.sessions import SignInLocked, SignInRefused, WrongPassword
from application.ports.event_log import LogUnavailable
from application.ports.market_reads import AsOfTooOld
from application.ports.page import InvalidPageCursor
from application.ports.store import StoreUnavailable
from application.tables_up_to import NotReached
from domain.alerting.rule import StaleRule
from domain.errors import ConcurrencyError, InvalidValue, NotAllowed, NotFound
from domain.values import rfc3339
from entrypoints.api.rows.alerting import rule_row
from entrypoints.api.services import NotReady

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """RFC 9457. `field` names the parameter or body field at fault, `known` lists what would have been understood.

    `present` is what is there, where a change was made on an older version of it. `code` stands for the kind of error, and `params` are what its text is made with, so that a page can say it in the
    reader's language.
    """

    title: str
    status: int
    detail: str
    type: str = "about:blank"
    field: str | None = None
    known: list[str] | None = None
    code: str = ""
    params: dict[str, str | int | list[str]] = {}
    present: dict[str, Any] | None = None


class UnknownPair(NotFound):
    """No configured pair; `known` are those that are."""

    def __init__(self, text: str, known: list[str]) -> None:
        super().__init__(f"pair '{text[:40]}' is not configured: known are {', '.join(known) or 'none'}")
        self.known = known


class MissingParameter(InvalidValue):
    """A parameter that a question needs; `known` lists what it may be."""

    def __init__(self, field: str, known: list[str]) -> None:
        super().__init__(field, f"{field} is missing: expected one of {', '.join(known)}")
        self.known = known


class Refused(HTTPException):
    """A request that the guards turn away."""

    status_code = 403


def problem(
    status: int,
    detail: str,
    *,
    code: str | None = None,
    field: str | None = None,
    known: list[str] | None = None,
    **params: str | int,
) -> Problem:
    """A problem titled by its status, which is also its code where none is given."""
    title = HTTPStatus(status).phrase
    all_params: dict[str, str | int | list[str]] = {**params}
    if field:
        all_params["field"] = field
    if known is not None:
        all_params["known"] = known
    return Problem(
        title=title, status=status, detail=detail, field=field, known=known,
        code=code or title.lower().replace(" ", "-").replace("'", ""), params=all_params,
    )  # fmt: skip


def answer(content: Problem, headers: dict[str, str] | None = None) -> Response[bytes]:
    """A problem as a response; `type` is written even when it is the default, as readers look for it."""
    fields = {"type": content.type, **msgspec.to_builtins(content)}
    return Response(msgspec.json.encode(fields), status_code=content.status, media_type=MEDIA_TYPE, headers=headers)


def _invalid_value(_: Request[Any, Any, Any], error: InvalidValue) -> Response[bytes]:
    known = error.known if isinstance(error, MissingParameter) else None
    code = "missing-parameter" if known else "invalid-value"
    return answer(problem(422, str(error), code=code, field=error.field, known=known))


def _not_found(_: Request[Any, Any, Any], error: NotFound) -> Response[bytes]:
    known = error.known if isinstance(error, UnknownPair) else None
    if known is None:
        return answer(problem(404, str(error)))
    return answer(problem(404, str(error), code="unknown-pair", field="pair", known=known))


def _conflict(_: Request[Any, Any, Any], error: NotAllowed | ConcurrencyError) -> Response[bytes]:
    return answer(problem(409, str(error)))


def _stale_rule(_: Request[Any, Any, Any], error: StaleRule) -> Response[bytes]:
    present = msgspec.to_builtins(rule_row(error.present))
    return answer(msgspec.structs.replace(problem(409, str(error), field="version"), present=present))


def _sign_in_refused(_: Request[Any, Any, Any], error: SignInRefused) -> Response[bytes]:
    return answer(problem(401, str(error), code="sign-in-refused"))


def _sign_in_locked(_: Request[Any, Any, Any], error: SignInLocked) -> Response[bytes]:
    content = problem(429, str(error), code="sign-in-locked", retry_after_s=error.wait_s)
    return answer(content, {"Retry-After": str(error.wait_s)})


def _wrong_password(_: Request[Any, Any, Any], error: WrongPassword) -> Response[bytes]:
    return answer(problem(403, str(error), code="wrong-password", field="current_password"))


def _invalid_cursor(_: Request[Any, Any, Any], error: InvalidPageCursor) -> Response[bytes]:
    detail = f"{error}" if str(error) else "not a cursor of this list"
    return answer(
        problem(422, f"cursor: {detail}. Use a `next_cursor` of the same list.", code="invalid-cursor", field="cursor")
    )


def _as_of_too_old(_: Request[Any, Any, Any], error: AsOfTooOld) -> Response[bytes]:
    detail = f"as_of is too early: {error}. Ask for {rfc3339(error.oldest)} or later."
    return answer(problem(422, detail, code="as-of-too-old", field="as_of", oldest=rfc3339(error.oldest)))


def _as_of_not_reached(_: Request[Any, Any, Any], error: NotReached) -> Response[bytes]:
    detail = (
        f"as_of is too recent: the tables do not yet have everything that was recorded up to {rfc3339(error.time)}. "
        "Ask again in a few seconds, or for an earlier time."
    )
    content = problem(503, detail, code="as-of-not-reached", field="as_of", retry_after_s=RETRY_AFTER_S)
    return answer(content, {"Retry-After": str(RETRY_AFTER_S)})


def _not_ready(_: Request[Any, Any, Any], error: NotReady) -> Response[bytes]:
    return answer(problem(503, f"not ready to serve: {error}"), {"Retry-After": str(RETRY_AFTER_S)})


def _unavailable(request: Request[Any, Any, Any], error: LogUnavailable | StoreUnavailable) -> Response[bytes]:
    """Where the store is and what it said is for the log: whoever asks may be anybody."""
    log.warning("a request found its store away", path=request.scope["path"], reason=str(error))
    what = "the log" if isinstance(error, LogUnavailable) else "the database"
    detail = f"not ready to serve: {what} cannot be used now; the server's log says why"
    return answer(problem(503, detail), {"Retry-After": str(RETRY_AFTER_S)})


def _validation(_: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:
    """What Litestar found wrong with parameters or body, each with its name."""
    faults = error.extra if isinstance(error.extra, list) else []
    named = [_name(fault.get("key", "data"), str(fault["message"])) for fault in faults if isinstance(fault, dict)]
    if not named:
        return answer(problem(422, error.detail))
    detail = "; ".join(f"{name}: {message[:1].lower()}{message[1:]}" for name, message in named)
    return answer(problem(422, detail, code="invalid-value", field=named[0][0]))


def _name(key: str, message: str) -> tuple[str, str]:
    """Litestar calls the body `data`; msgspec names a field that is missing or unknown in its message alone."""
    if key != "data":
        return key, message
    if message == "'data'":  # a KeyError of Litestar's
        return "body", "it is empty: expected a JSON object"
    field = re.fullmatch(r"Object (?:missing required|contains unknown) field `(.*)`", message)
    return (field[1] if field else "body"), message


_DETAILS = {
    404: "nothing is served here: see /schema for what is",
    405: "this method is not served here: see /schema for those that are",
    413: "the body is too large",
}


def _http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    detail = error.detail
    if error.status_code in _DETAILS and detail in ("", HTTPStatus(error.status_code).phrase):
        detail = _DETAILS[error.status_code]
    if detail == "client disconnected prematurely":  # Litestar calls that an error of the server's
        return answer(problem(400, "the connection ended before the body did"))
    if error.status_code >= 500:
        return _unexpected(request, error)
    return answer(problem(error.status_code, detail), dict(error.headers or {}))


def _unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    log.error("a request failed unexpectedly", method=request.method, path=request.scope["path"], exc_info=error)
    return answer(problem(500, "something went wrong on our side; the log says what"))


def _not_utf8(request: Request[Any, Any, Any], _: UnicodeDecodeError) -> Response[bytes]:
    return answer(problem(400, "the body is not UTF-8: expected JSON, which is"))


def _too_deep(request: Request[Any, Any, Any], error: RecursionError) -> Response[bytes]:
    if request.method in ("GET", "HEAD"):
        return _unexpected(request, error)  # no body: the fault is ours
    return answer(problem(400, "the body is nested too deeply: expected JSON as the schema says"))


HANDLERS: ExceptionHandlersMap = {
    RecursionError: _too_deep,
    UnicodeDecodeError: _not_utf8,
    InvalidValue: _invalid_value,
    NotFound: _not_found,
    StaleRule: _stale_rule,
    NotAllowed: _conflict,
    ConcurrencyError: _conflict,
    SignInLocked: _sign_in_locked,
    SignInRefused: _sign_in_refused,
    WrongPassword: _wrong_password,
    InvalidPageCursor: _invalid_cursor,
    AsOfTooOld: _as_of_too_old,
    NotReached: _as_of_not_reached,
    NotReady: _not_ready,
    LogUnavailable: _unavailable,
    StoreUnavailable: _unavailable,
    ValidationException: _validation,
    HTTPException: _http,
    Exception: _unexpected,
}

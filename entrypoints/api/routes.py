"""Route decorators with what all routes share: worker threads, as they read a database, and documented problems."""

from functools import partial

from litestar import delete, get, patch, post, put
from litestar.openapi import ResponseSpec

from entrypoints.api.problems import MEDIA_TYPE, Problem


def _specs(problems: dict[int, str]) -> dict[int, ResponseSpec]:
    return {
        status: ResponseSpec(Problem, description=description, media_type=MEDIA_TYPE, generate_examples=False)
        for status, description in problems.items()
    }


_READ = {
    401: "This takes an account, or the API key is none: sign in, or send an API key",
    403: "The role is too small for this",
    404: "There is no such thing; an unknown pair's answer names the known ones",
    405: "This method is not served here",
    421: "The Host is not this machine's",
    422: "A parameter or field cannot be; `field` names it",
    429: "Too many requests; `Retry-After` says when to try again",
    503: "Not ready to serve; try again shortly",
}
_COMMAND = _READ | {
    400: "The body is not JSON",
    403: "The role is too small for this, the CSRF token is not the session's, or the Origin is not ours",
    409: "The present state forbids it, or somebody else was first",
    413: "The body is too large",
    415: "The body's Content-Type is not application/json",
}

read = partial(get, sync_to_thread=True, responses=_specs(_READ))
cached_read = partial(read, cache=True)  # where processes share a cache (app.py), its answers are a second old at most
create = partial(post, sync_to_thread=True, responses=_specs(_COMMAND))
command = partial(post, sync_to_thread=True, status_code=200, responses=_specs(_COMMAND))
change = partial(put, sync_to_thread=True, responses=_specs(_COMMAND))
amend = partial(patch, sync_to_thread=True, responses=_specs(_COMMAND))
remove = partial(delete, sync_to_thread=True, responses=_specs(_COMMAND))

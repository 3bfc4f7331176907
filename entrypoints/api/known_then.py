"""A question about a recent time waits until the tables have everything that was recorded up to it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from litestar import Request

from application.tables_up_to import NotReached, TablesUpTo
from entrypoints.api.params import read_time
from entrypoints.api.services import CurrentServices

WAITS_S = 5.0
_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 0.2


def known_then(current: CurrentServices) -> Callable[[Request[Any, Any, Any]], Awaitable[None]]:
    """Return the hook that runs before each handler.

    It looks at `as_of` alone, and holds no thread while it waits. Raises NotReached after WAITS_S, InvalidValue.
    """

    async def before(request: Request[Any, Any, Any]) -> None:
        asked = request.query_params.get("as_of") if request.scope["query_string"] else None
        as_of = read_time(asked, "as_of")
        if as_of is None:
            return
        tables = current().tables
        if tables.must_ask(as_of):
            try:
                async with asyncio.timeout(WAITS_S):
                    await _reached(tables, as_of)
            except TimeoutError:
                raise NotReached(as_of) from None

    return before


async def _reached(tables: TablesUpTo, as_of: datetime) -> None:
    await asyncio.sleep(tables.open_for_s(as_of))
    head = await asyncio.to_thread(tables.head)
    pause = _FIRST_PAUSE_S
    while not await asyncio.to_thread(tables.reach, head):
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_S)

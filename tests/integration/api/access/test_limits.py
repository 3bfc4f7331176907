"""How much one may ask for."""

import time
from contextlib import ExitStack, suppress

from websockets.exceptions import ConnectionClosed

from entrypoints.api.access.limits import Limits
from tests.house import bearer
from tests.integration.api.access.steps import BTC, WATCHLIST, sign_in, trail
from tests.integration.api.server import serving
from tests.unit.api.world import World
from tests.waiting import until


def test_too_much_is_refused_with_how_long_to_wait(world: World) -> None:
    limits = Limits(known=5, this_machine=3, sign_in=2, unknown_commands=2)
    with serving(world.services, house=world.house_box, limits=limits) as api, api.http(anonymous=True) as http:
        while time.time() % 60 > 50:  # the windows are minutes of the clock
            time.sleep(1)
        left = [http.get("/api/v1/trades/").headers["ratelimit-remaining"] for _ in range(3)]
        assert left == ["2", "1", "0"]
        refused = http.get("/api/v1/trades/")
        assert (refused.status_code, refused.headers["content-type"]) == (429, "application/problem+json")
        assert refused.headers["ratelimit-limit"] == "3"
        assert 0 < int(refused.headers["retry-after"]) == int(refused.headers["ratelimit-reset"]) <= 60
        assert http.get("/static/index.html").status_code == 200, "the page's files count for nothing"
        with api.http() as known:
            assert [known.get("/api/v1/trades/").status_code for _ in range(6)] == [200] * 5 + [429]
        assert [sign_in(http, "olga", "wrong").status_code for _ in range(3)] == [401, 401, 429]
        assert [http.post(WATCHLIST, json=BTC).status_code for _ in range(3)] == [401, 401, 429]
    assert len(trail(world)) == 4, "a flood does not fill the trail"


def test_strangers_behind_a_proxy_are_not_this_machine(world: World) -> None:
    limits = Limits(address=2)
    with (
        serving(world.services, house=world.house_box, limits=limits, public_reads=True) as api,
        api.http(anonymous=True) as http,
    ):
        answers = [http.get("/api/v1/trades/", headers={"X-Forwarded-For": "192.0.2.7"}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert http.get("/api/v1/trades/").status_code == 200, "this machine's own are not counted with theirs"


def test_one_user_does_not_take_all_the_streams(world: World) -> None:
    with serving(world.services, house=world.house_box, limits=Limits(streams=2)) as api, ExitStack() as held:
        key = bearer(world.key("read"))
        first = held.enter_context(ExitStack())
        first.enter_context(api.stream(additional_headers=key))
        held.enter_context(api.stream(additional_headers=key))
        with api.stream(additional_headers=key) as third:
            assert third.close_code() == 1013
        with api.stream(additional_headers=bearer(world.key("read"))) as another, api.stream() as nobodys:
            assert another.silent() and nobodys.silent()
        first.close()

        def is_taken() -> bool:
            with suppress(ConnectionClosed), api.stream(additional_headers=key) as stream:
                return stream.silent()
            return False

        assert until(is_taken)

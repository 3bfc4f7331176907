"""Who may follow the stream, and how long."""

import pytest
from websockets.exceptions import InvalidStatus

from entrypoints.api.access.authentication import SESSION_COOKIE
from entrypoints.api.stream import socket
from tests.house import bearer
from tests.integration.api.server import serving
from tests.unit.api.world import World


def test_the_stream_takes_an_account_where_reading_does(world: World) -> None:
    with serving(world.services, house=world.house_box, bound_to_loopback=False) as api:
        for headers in ({}, {"Authorization": "Bearer cvk_a_b"}):
            with pytest.raises(InvalidStatus) as refused, api.stream(additional_headers=headers):
                pass
            assert refused.value.response.status_code in (401, 403)
        with api.stream(additional_headers=bearer(world.key("read"))) as stream:
            assert stream.silent()
        token = world.house.sessions.begin(world.house.users.list()[-1], address="127.0.0.1").token
        with api.stream(additional_headers={"Cookie": f"{SESSION_COOKIE}={token}"}) as stream:
            assert stream.silent()


def test_a_stream_ends_with_its_session(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "_ASK_EVERY_S", 0.05)
    with serving(world.services, house=world.house_box) as api:
        token = world.house.sessions.begin(world.house.users.list()[-1], address="127.0.0.1").token
        with api.stream(additional_headers={"Cookie": f"{SESSION_COOKIE}={token}"}) as stream, api.stream() as other:
            assert stream.silent() and other.silent()
            world.house.sessions.sign_out(token)
            assert stream.close_code() == socket.SIGNED_OUT
            assert other.silent(), "it was not opened by the session"

"""What the tail reads, on its way to the clients."""

import asyncio
from collections.abc import Sequence

from adapters.metrics.prometheus import PrometheusTelemetry
from application.ports.event_log import Place, Position
from domain.values import Origin
from entrypoints.api.rows.market import trade_row
from entrypoints.api.services import Services
from entrypoints.api.stream.channels import Message
from entrypoints.api.stream.hub import Hub
from tests.builders import trade
from tests.unit.api.world import World


class Listening:
    """A client that notes what it hears of."""

    channels = ("trades",)

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.heard: list[object] = []

    def offer(self, messages: Sequence[Message], generation: int) -> None:
        self.heard.append(([m.position.number for m in messages if m.position], generation, str(self.hub.place.cursor)))

    def hear_of_change(self, services: Services) -> None:
        self.heard.append("changed")

    def enter_session(self, services: Services) -> None:
        self.heard.append("another session")

    def close(self, code: int, reason: str) -> None:
        self.heard.append(code)


def message(number: int) -> Message:
    row = trade_row(trade(number))
    return Message("trades", ("BTC/USD",), origin=Origin.LIVE, row=lambda: row, position=Position("", number))


def place(number: int) -> Place:
    return Place({"": number})


def heard(*, between: str = "") -> list[object]:
    """What a client hears of two batches read while the loop was busy, with something said between them."""

    async def listen() -> list[object]:
        world = World()
        hub = Hub(world.services, PrometheusTelemetry())
        client = Listening(hub)
        hub._clients.add(client)
        hub.started(world.services(), place(0), (0, 0))
        hub.deliver([message(1), message(2)], place(2), 0)
        if between == "lost":
            hub.lost()
        elif between == "configured":
            hub.configured(world.services())
        elif between == "started":
            hub.started(world.services(), place(2), (0, 0))
        hub.deliver([], place(3), 0)
        hub.deliver([message(4)], place(4), 1)
        assert between or client.heard == []
        await asyncio.sleep(0)
        return client.heard

    return asyncio.run(listen())


def test_what_was_read_while_the_loop_was_busy_is_handed_out_together_and_in_order() -> None:
    assert heard() == [([1, 2], 0, "4"), ([4], 1, "4")]


def test_what_is_said_of_the_session_keeps_its_place() -> None:
    for between, said in (("lost", 1011), ("configured", "changed"), ("started", "another session")):
        assert heard(between=between) == [([1, 2], 0, "2"), said, ([4], 1, "4")]

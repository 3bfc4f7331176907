from collections import Counter

import pytest
import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st

from entrypoints.api.edge.connections import ConnectionLimits, Connections
from entrypoints.api.server import Server

LIMITS = ConnectionLimits(most=6, streams=3, most_of_one=2, is_shared=lambda address: address == "proxy")


class One:
    def __init__(self, address: str) -> None:
        self.address = address
        self.is_open = True

    def hang_up(self) -> None:
        self.is_open = False


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["connect", "ask", "answer", "upgrade", "close"]),
        st.sampled_from(["proxy", "10.0.0.1", "10.0.0.2"]),
        st.integers(0, 9),
    ),
    max_size=60,
)


@given(STEPS)
@settings(max_examples=150, deadline=None)
def test_no_course_of_events_exceeds_a_bound_or_closes_a_connection_that_is_served(
    steps: list[tuple[str, str, int]],
) -> None:
    table, known, waiting = Connections(LIMITS), list[One](), list[One]()
    for now, (step, address, number) in enumerate(steps):
        if step == "connect":
            served = [one for one in known if one not in waiting]
            one = One(address)
            if table.admit(one, now):
                known.append(one)
                waiting.append(one)
            else:  # only where nothing waits that could make room
                of_one = [other for other in known if other.address == address]
                assert not [other for other in (of_one if address != "proxy" else known) if other in waiting]
            assert all(other.is_open for other in served)
            gone = [other for other in known if not other.is_open]
            assert gone == waiting[:1] or all(other.address == address for other in gone)
            known = [other for other in known if other.is_open]
            waiting = [other for other in waiting if other.is_open]
        elif known:
            one = known[number % len(known)]
            if step == "ask":
                table.is_served(one)
                waiting = [other for other in waiting if other is not one]
            elif step == "answer" and one not in waiting:
                table.waits(one, now)
                waiting.append(one)
            elif step == "upgrade" and one in waiting:
                if table.becomes_stream(one):
                    waiting.remove(one)
            elif step == "close":
                table.forget(one)
                known.remove(one)
                waiting = [other for other in waiting if other is not one]
        of = Counter(one.address for one in table)
        assert set(table) == set(known)
        assert len(table) <= LIMITS.most
        assert all(of[name] <= LIMITS.most_of_one for name in of if name != "proxy")
        assert table.waiting_since_before(float("inf")) == waiting


def test_streams_leave_room_for_requests() -> None:
    table = Connections(LIMITS)
    ones = [One("proxy") for _ in range(4)]
    assert all(table.admit(one, 0) for one in ones)
    assert [table.becomes_stream(one) for one in ones] == [True, True, True, False]
    table.forget(ones[0])
    assert table.becomes_stream(ones[3])


@pytest.mark.parametrize(
    ("address", "is_shared"),
    [
        ("127.0.0.1", True), ("::1", True), ("::ffff:127.0.0.1", True), ("10.1.2.3", True), ("::ffff:10.1.2.3", True), ("", True),
        ("192.0.2.1", False), ("2001:db8::1", False), ("2001:db8::/64", False), ("fe80::1%eth0", False),
    ],
)  # fmt: skip
def test_this_machine_and_trusted_proxies_stand_for_many_clients(address: str, is_shared: bool) -> None:
    server = Server(uvicorn.Config("no:app"), trusted_proxies=["10.0.0.0/8"])
    assert server._is_shared(address) is is_shared

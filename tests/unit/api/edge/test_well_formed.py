import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoints.api.edge.seldom import Seldom
from entrypoints.api.edge.well_formed import fault_of, is_host

GOOD = [
    "localhost",
    "LOCALHOST:80",
    "127.0.0.1:8000",
    "[::1]",
    "[::1]:65535",
    "a-b.example.:1",
    "x_y",
    "host:",
    "host:0",
]
BAD = [
    "", ":80", "x:1:evil", "x:99999", "x:123456", "x:-1", "x:8a", "x: 80", " x", "me@x", "me:pw@x:80", "[::1", "::1", "[::1]x",
    "[::1]:", "[g::1]", "[1:2]", "[]", "x/y", "x?y", "x#y", "x\\y", "x,y", "h\xe9", "\u2460", "x:\u0661", "x%41", "a" * 256,
]  # fmt: skip


@pytest.mark.parametrize("host", GOOD)
def test_hosts(host: str) -> None:
    assert is_host(host)


@pytest.mark.parametrize("host", [host for host in BAD if host != "[::1]:"])
def test_no_hosts(host: str) -> None:
    assert not is_host(host)
    fault = fault_of(b"/", b"", [(b"host", host.encode("latin-1", "replace"))])
    assert fault
    assert fault.isascii()


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (b"/%", b""), (b"/%4", b""), (b"/%zz", b""), (b"/a%00b", b""), (b"/%ff", b""), (b"/%ED%A0%80", b""), (b"/%c0%af", b""),
        (b"/", b"q=%"), (b"/", b"q=100%&a=b"), (b"/", b"%fe=1"), (b"http://x/", b""), (b"*", b""), (b"x:80", b""),
    ],
)  # fmt: skip
def test_targets_that_cannot_be_read(path: bytes, query: bytes) -> None:
    assert fault_of(path, query, [(b"host", b"localhost")])


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40))
def test_every_text_can_be_asked_for(text: str) -> None:
    encoded = "".join(f"%{byte:02X}" for byte in text.encode()).encode()
    assert fault_of(b"/" + encoded, b"q=" + encoded, []) is None


def test_two_hosts_are_one_too_many() -> None:
    assert fault_of(b"/", b"", [(b"host", b"a"), (b"host", b"a")])


def test_what_strangers_cause_is_told_once_a_minute_with_the_number_of_those_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = 0.0
    seldom = Seldom(lambda: now)
    for _ in range(1000):
        seldom.warn("something odd", reason="bad")
    now = 61.0
    seldom.warn("something odd", reason="bad")
    written = capsys.readouterr()
    assert (written.out + written.err).count("something odd") == 2
    assert "999" in written.out + written.err

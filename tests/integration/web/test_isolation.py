import json
import threading
import time
from collections.abc import Iterator

import pytest

from adapters.web.isolation import IsolatedParser, ParserFailed, QuarantinedParser
from tests.waiting import until

ODD = "tests.integration.web.odd_parser:parse"


@pytest.fixture
def parser() -> Iterator[IsolatedParser]:
    parser = IsolatedParser(ODD, seconds=1)
    yield parser
    parser.close()


def test_it_answers_again_and_again_from_one_process(parser: IsolatedParser, stop: threading.Event) -> None:
    pids = set()
    for document in (b"", b"abc", b"x" * 1_000_000):
        answer = json.loads(parser.parse(document, {"do": "measure"}, stop))
        assert answer["length"] == len(document)
        pids.add(answer["pid"])
    assert len(pids) == 1


@pytest.mark.parametrize(
    ("do", "reason"),
    [
        ("hang", "not parsed within 1 s"),
        ("crash", "crashed the parser"),
        ("raise", "ValueError: odd"),
        ("recurse", "RecursionError"),
    ],
)
def test_one_bad_document_does_not_spoil_the_next(
    parser: IsolatedParser, stop: threading.Event, do: str, reason: str
) -> None:
    for _ in range(2):
        with pytest.raises(ParserFailed, match=reason):
            parser.parse(b"", {"do": do}, stop)
    assert json.loads(parser.parse(b"four", {"do": "measure"}, stop))["length"] == 4


def test_what_a_library_prints_does_not_get_among_the_answers(parser: IsolatedParser, stop: threading.Event) -> None:
    assert json.loads(parser.parse(b"four", {"do": "print"}, stop))["length"] == 4


def test_stopping_breaks_off(stop: threading.Event) -> None:
    parser = IsolatedParser(ODD, seconds=60)
    parser.parse(b"", {"do": "measure"}, stop)
    threading.Timer(0.2, stop.set).start()
    began = time.monotonic()
    with pytest.raises(ParserFailed, match="broken off"):
        parser.parse(b"", {"do": "hang"}, stop)
    assert time.monotonic() - began < 5
    parser.close()


def test_closing_ends_the_process_and_a_later_document_starts_another(
    parser: IsolatedParser, stop: threading.Event
) -> None:
    first = json.loads(parser.parse(b"", {"do": "measure"}, stop))["pid"]
    parser.close()
    assert json.loads(parser.parse(b"", {"do": "measure"}, stop))["pid"] != first
    assert until(lambda: f"watch {ODD}" not in {thread.name for thread in threading.enumerate()})


def test_a_function_that_is_not_there(stop: threading.Event) -> None:
    parser = IsolatedParser("tests.integration.web.odd_parser:nothing", seconds=1)
    with pytest.raises(ParserFailed, match="did not start"):
        parser.parse(b"", {}, stop)
    parser.close()


def test_who_sends_bad_documents_delays_only_their_like(stop: threading.Event) -> None:
    quarantined = QuarantinedParser(ODD, seconds=60)
    try:
        with pytest.raises(ParserFailed, match="ValueError"):
            quarantined.parse("bad", b"", {"do": "raise"}, stop)
        breaking_off = threading.Event()
        hanging = threading.Thread(target=_fails, args=(quarantined, breaking_off))
        hanging.start()
        try:
            good = json.loads(quarantined.parse("good", b"abc", {"do": "measure"}, stop))
            assert good["length"] == 3 and hanging.is_alive()
        finally:
            breaking_off.set()
            hanging.join(20)
        freed = json.loads(quarantined.parse("bad", b"ab", {"do": "measure"}, stop))
        assert freed["pid"] != good["pid"]
        assert json.loads(quarantined.parse("bad", b"", {"do": "measure"}, stop))["pid"] == good["pid"], "trusted again"
    finally:
        quarantined.close()


def _fails(parser: QuarantinedParser, stop: threading.Event) -> None:
    with pytest.raises(ParserFailed):
        parser.parse("bad", b"", {"do": "hang"}, stop)

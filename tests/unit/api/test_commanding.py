"""Feeds, dead letters and sources, commanded over HTTP."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from application.market.pair_names import PairNames
from application.ports.pair_listing import ListingUnavailable
from application.sources import SourceCommands
from domain.dead_letter import DeadLettered
from domain.sources import Sources
from domain.values import Origin, Pair
from tests.unit.api.desk import ApiDesk
from tests.unit.api.world import NOON, World, trade

FEEDS, LETTERS, SOURCES = "/api/v1/admin/feeds/", "/api/v1/admin/dead-letters/", "/api/v1/admin/sources/"


class Desk(ApiDesk):
    def letter(self, number: int, *, kind: str = "kraken-frame", place: str = "wss://ws.kraken.com/v2") -> str:
        letter = DeadLettered(
            kind=kind, place=place, reason="price is missing", raw=b'{"price": 1.10, "n": %d}' % number,
            occurred_at=NOON, recorded_at=NOON, origin=Origin.LIVE,
        )  # fmt: skip
        self.world.log.append([letter])
        return letter.letter_id


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    with made.client:
        yield made


# --- feeds ---


def test_a_feed_is_paused_and_resumed_by_its_name(desk: Desk) -> None:
    assert desk.ask("POST", FEEDS + "BTC-USD/pause", scope="command") == {"name": "BTC/USD", "paused": True}
    assert desk.ask("POST", FEEDS + "CoinDesk/pause") == {"name": "CoinDesk", "paused": True}
    rows = {row["name"]: row for row in desk.ask("GET", FEEDS, scope="read")["items"]}
    assert {name for name, row in rows.items() if row["paused"]} == {"BTC/USD", "CoinDesk"}
    assert rows["BTC/USD"]["paused_by"].startswith("key:")
    assert desk.ask("POST", FEEDS + "XBT-USD/resume") == {"name": "BTC/USD", "paused": False}
    assert not any(row["paused"] for row in desk.ask("GET", FEEDS)["items"] if row["name"] == "BTC/USD")


def test_what_is_so_already_is_refused(desk: Desk) -> None:
    desk.ask("POST", FEEDS + "ETH-USD/pause")
    assert "paused already" in desk.ask("POST", FEEDS + "ETH-USD/pause", status=409)["detail"]
    assert "not paused" in desk.ask("POST", FEEDS + "BTC-USD/resume", status=409)["detail"]
    assert "resume it" in desk.ask("POST", FEEDS + "ETH-USD/backfill", status=409)["detail"]


def test_an_unknown_feed_names_the_known_ones(desk: Desk) -> None:
    for command in ("pause", "resume", "backfill"):
        refused = desk.ask("POST", f"{FEEDS}LTC-EUR/{command}", status=404)
        assert "BTC-USD" in refused["detail"]
        assert "CoinDesk" in refused["detail"]


def test_a_backfill_is_asked_for(desk: Desk) -> None:
    desk.ask("POST", FEEDS + "BTC-USD/backfill")
    desk.ask("POST", FEEDS + "BTC-USD/backfill", {"start": "2026-11-20T00:00:00Z"})
    asked = desk.world.house.sources.present().asked["BTC/USD"]
    assert asked.since is not None
    assert asked.since.isoformat() == "2026-11-20T00:00:00+00:00"
    to_come = desk.ask("POST", FEEDS + "BTC-USD/backfill", {"start": "2027-01-01T00:00:00Z"}, status=422)
    assert to_come["field"] == "start"
    assert "news feed" in desk.ask("POST", FEEDS + "CoinDesk/backfill", status=422)["detail"]


def test_a_viewer_commands_nothing(desk: Desk) -> None:
    before = desk.world.house.sources.present()
    desk.ask("POST", FEEDS + "BTC-USD/pause", scope="read", status=403)
    letter = desk.letter(1)
    desk.ask("POST", LETTERS + "drop", {}, scope="read", status=403)
    desk.ask("PUT", SOURCES, {"pairs": ["BTC/USD"]}, scope="command", status=403)
    assert not any(row["paused"] for row in desk.ask("GET", FEEDS)["items"])
    assert [row["id"] for row in desk.ask("GET", LETTERS)["items"]] == [letter]
    assert desk.world.house.sources.present() == before


def test_a_recording_is_played_as_it_is() -> None:
    desk = Desk(World(Origin.RECORDING))
    with desk.client:
        assert "recording" in desk.ask("POST", FEEDS + "BTC-USD/pause", status=409)["detail"]
        assert "recording" in desk.ask("PUT", SOURCES, {"pairs": ["BTC/USD"]}, status=409)["detail"]


def test_commands_on_feeds_are_audited(desk: Desk) -> None:
    desk.ask("POST", FEEDS + "BTC-USD/pause")
    [entry] = desk.ask("GET", "/api/v1/admin/audit/?action=POST")["items"]
    assert (entry["action"], entry["target"], entry["outcome"]) == (
        "POST /api/v1/admin/feeds/{name}/pause", "BTC-USD", 200,
    )  # fmt: skip


WEBHOOK = {"name": "Desk", "kind": "webhook", "url": "https://desk.example/alerts"}
RULE = {"name": "Any move", "kind": "price-move", "threshold_pct": "1", "window_s": 60}


@pytest.mark.parametrize(
    ("path", "body", "target", "detail"),
    [
        ("watchlist/", {"pair": "BTC-USD"}, "BTC/USD", ""),
        ("alert-rules/", RULE, None, "Any move"),
        ("admin/channels/", WEBHOOK, None, "Desk"),
        ("admin/dead-letters/drop", {"reason_kind": "news-entry", "topic": "CoinDesk"}, "news-entry in CoinDesk", ""),
        ("admin/dead-letters/redrive", {}, "all kinds", ""),
    ],
)
def test_the_trail_says_what_a_command_was_on_where_its_path_does_not(
    desk: Desk, path: str, body: dict[str, str], target: str | None, detail: str
) -> None:
    answer = desk.ask("POST", f"/api/v1/{path}", body, status=200 if "letters" in path else 201)
    [entry] = desk.ask("GET", "/api/v1/admin/audit/?action=POST")["items"]
    assert (entry["target"], entry["detail"]) == (target or answer["id"], detail)


def test_the_trail_says_how_a_rule_and_a_channel_were_changed(desk: Desk) -> None:
    rule = desk.ask("POST", "/api/v1/alert-rules/", RULE, status=201)["id"]
    channel = desk.ask("POST", "/api/v1/admin/channels/", WEBHOOK, status=201)["id"]
    desk.ask("PUT", f"/api/v1/alert-rules/{rule}/", RULE | {"enabled": False})
    desk.ask("PUT", f"/api/v1/admin/channels/{channel}/", WEBHOOK | {"name": "Night desk"})
    entries = desk.ask("GET", "/api/v1/admin/audit/?action=PUT")["items"]
    said = {entry["target"]: entry["detail"] for entry in entries}  # all of one time: no order
    assert said == {channel: "Night desk", rule: "Any move, disabled"}


# --- dead letters ---


def test_letters_are_listed_by_kind_and_place(desk: Desk) -> None:
    one = desk.letter(1)
    other = desk.letter(2, kind="news-entry", place="CoinDesk")
    assert [row["id"] for row in desk.ask("GET", LETTERS)["items"]] == [other, one]
    assert [row["id"] for row in desk.ask("GET", LETTERS + "?reason_kind=news-entry")["items"]] == [other]
    assert [row["id"] for row in desk.ask("GET", LETTERS + "?topic=CoinDesk")["items"]] == [other]
    assert desk.ask("GET", LETTERS + "?reason_kind=news-entry&topic=nowhere")["items"] == []
    page = desk.ask("GET", LETTERS + "?limit=1")
    assert [row["id"] for row in desk.ask("GET", f"{LETTERS}?limit=1&cursor={page['next_cursor']}")["items"]] == [one]
    assert "expected one of open" in desk.ask("GET", LETTERS + "?outcome=lost", status=422)["detail"]


def test_a_letter_is_shown_whole_its_numbers_as_they_stand(desk: Desk) -> None:
    whole = desk.ask("GET", LETTERS + desk.letter(1), scope="read")
    assert whole["raw_text"] == '{"price": 1.10, "n": 1}'
    assert whole["raw_hex"].startswith("7b 22 70 72")
    assert whole["decoded"] == {"price": "1.10", "n": "1"}
    assert "no dead letter" in desk.ask("GET", LETTERS + "nothing", status=404)["detail"]


def test_a_letter_is_read_again(desk: Desk) -> None:
    letter_id = desk.letter(1)
    desk.world.read_again = [trade(1)]
    done = desk.ask("POST", f"{LETTERS}{letter_id}/redrive", scope="command")
    assert (done["settled"], done["events"]) == (1, 1)
    assert desk.ask("GET", LETTERS)["items"] == []
    assert desk.ask("GET", LETTERS + "?outcome=redriven")["items"][0]["id"] == letter_id
    assert "redriven already" in desk.ask("POST", f"{LETTERS}{letter_id}/redrive", status=409)["detail"]


def test_all_of_a_kind_are_read_again_and_what_cannot_be_stays(desk: Desk) -> None:
    for number in range(3):
        desk.letter(number)
    lost = desk.letter(9, kind="news-entry", place="CoinDesk")
    desk.world.read_again = [trade(1)]
    done = desk.ask("POST", LETTERS + "redrive", {"reason_kind": "kraken-frame"})
    assert (done["settled"], done["events"], done["refused"], done["more"]) == (3, 3, 0, False)
    done = desk.ask("POST", LETTERS + "redrive", {})
    assert (done["settled"], done["refused"]) == (0, 1)
    assert "no part of this version" in done["reason"]
    assert [row["id"] for row in desk.ask("GET", LETTERS)["items"]] == [lost]


def test_letters_are_given_up(desk: Desk) -> None:
    one, two = desk.letter(1), desk.letter(2, place="elsewhere")
    desk.ask("DELETE", LETTERS + one, scope="command", status=204)
    desk.ask("DELETE", LETTERS + one, status=409)
    assert desk.ask("POST", LETTERS + "drop", {"topic": "elsewhere"})["settled"] == 1
    assert {row["id"] for row in desk.ask("GET", LETTERS + "?outcome=dropped")["items"]} == {one, two}


# --- sources ---


def test_sources_are_the_settings_until_somebody_decides(desk: Desk) -> None:
    shown = desk.ask("GET", SOURCES, scope="read")
    assert shown == {
        "pairs": ["BTC/USD", "ETH/USD", "DOGE/USD"],
        "feeds": [{"name": "CoinDesk", "url": "https://coindesk.com/rss"}],
        "configured": [], "version": 0, "changed_at": None,
    }  # fmt: skip
    same = desk.ask("PUT", SOURCES, {"pairs": shown["pairs"], "feeds": shown["feeds"], "version": 0})
    assert same == shown


def test_pairs_and_feeds_are_configured_and_given_back(desk: Desk) -> None:
    wanted = {"pairs": ["xbt-usd", "LTC/EUR"], "feeds": [{"name": "Ours", "url": "https://example.org/feed"}]}
    after = desk.ask("PUT", SOURCES, wanted)
    assert after["pairs"] == ["BTC/USD", "LTC/EUR"]
    assert after["feeds"] == wanted["feeds"]
    assert (after["configured"], after["version"]) == (["pairs", "feeds"], 1)
    after = desk.ask("PUT", SOURCES, {"pairs": ["BTC/USD"]})
    assert (after["pairs"], after["feeds"], after["version"]) == (["BTC/USD"], wanted["feeds"], 2)
    assert "somebody else" in desk.ask("PUT", SOURCES, {"pairs": ["ETH/USD"], "version": 1}, status=409)["detail"]
    after = desk.ask("PUT", SOURCES, {"pairs": None, "feeds": None})
    assert (after["pairs"], after["configured"]) == (["BTC/USD", "ETH/USD", "DOGE/USD"], [])


def test_only_admins_see_the_keys_in_addresses(desk: Desk) -> None:
    keyed = feeds(("Ours", "https://example.org/feed?key=word&new"))
    assert desk.ask("PUT", SOURCES, {"feeds": keyed})["feeds"] == keyed
    assert desk.ask("GET", SOURCES)["feeds"] == keyed
    hidden = feeds(("Ours", "https://example.org/feed?key=…&…"))
    for scope in ("read", "command"):
        assert desk.ask("GET", SOURCES, scope=scope)["feeds"] == hidden
    refused = desk.ask("PUT", SOURCES, {"feeds": hidden}, status=422)
    assert "key is hidden" in refused["detail"]
    for path in (FEEDS, "/api/v1/config/crypto/", "/api/v1/admin/streams/sources/", "/api/v1/admin/audit/"):
        said = desk.client.get(path, headers=desk.keys["read"])
        assert said.status_code == 200
        assert "word" not in said.text and "secret" not in said.text


def feeds(*named: tuple[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "url": url} for name, url in named]


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({"pairs": []}, "pairs", "expected 1 to 50 pairs"),
        ({"pairs": ["BTC"]}, "pairs", "BTC"),
        ({"feeds": feeds(("A", "ftp://example.org"))}, "feeds", "expected http"),
        ({"feeds": feeds(("A", "https://bob:pw@example.org"))}, "feeds", "password"),
        ({"feeds": feeds((" ", "https://example.org"))}, "feeds", "name"),
        ({"feeds": feeds(("BTC/USD", "https://example.org")), "pairs": ["BTC/USD"]}, "feeds", "pair's form"),
        ({"feeds": feeds(("A", "https://a.org"), ("A", "https://b.org"))}, "feeds", "twice"),
        (
            {"feeds": feeds(("CoinDesk", "https://coindesk.com/rss"), ("A", "https://a.org"))},
            "feeds",
            "CRYPTOVIZ_FEEDS",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_name(desk: Desk, body: dict[str, Any], field: str, words: str) -> None:
    refused = desk.ask("PUT", SOURCES, body, status=422)
    assert refused["field"] == field
    assert words in refused["detail"]
    assert desk.world.house.sources.present().version == 0


def test_a_body_that_is_nested_too_deeply_is_the_clients_mistake(desk: Desk) -> None:
    for path in ("/api/v1/admin/session/", "/api/v1/alert-rules/preview", SOURCES):
        method = "PUT" if path == SOURCES else "POST"
        headers = desk.keys["admin"] | {"Content-Type": "application/json"}
        answer = desk.client.request(method, path, content="[" * 60_000, headers=headers)
        assert answer.status_code == 400, answer.text
        assert "nested too deeply" in answer.json()["detail"]


def test_what_was_left_out_is_not_written_back_over_a_change_of_somebody_else(desk: Desk) -> None:
    desk.ask("PUT", SOURCES, {"pairs": ["BTC/USD"]})
    present = desk.world.house.sources.present
    seen = present()
    desk.world.house.sources.configure(None, seen.feeds, by="somebody else")
    object.__setattr__(desk.world.house, "sources", _Late(desk.world.house.sources, seen))
    desk.ask("PUT", SOURCES, {"feeds": feeds(("Ours", "https://example.org/feed"))}, status=409)
    assert present().pairs is None


class _Late:
    """Sources as somebody looked at them before another one changed them."""

    def __init__(self, sources: SourceCommands, seen: Sources) -> None:
        self.configure = sources.configure
        self.present = lambda: seen


class Listed:
    away = False

    def pairs(self) -> Sequence[Pair]:
        if self.away:
            raise ListingUnavailable("nobody answers")
        return [Pair(name) for name in ("BTC/USD", "ETH/USD", "LTC/USD", "AAPLx/USD")]


def test_a_pair_that_the_venue_does_not_list_is_refused_with_the_nearest_names(desk: Desk) -> None:
    listing = Listed()
    desk.world.change(pair_names=PairNames(listing))
    refused = desk.ask("PUT", SOURCES, {"pairs": ["BTC/USD", "LTX/USD"]}, status=422)
    assert refused["field"] == "pairs"
    assert "does not list LTX/USD, the nearest names are LTC/USD" in refused["detail"]
    assert desk.ask("GET", SOURCES)["version"] == 0
    after = desk.ask("PUT", SOURCES, {"pairs": ["BTC/USD", "aaplx-usd", "DOGE/USD"]})
    assert (after["pairs"], "warnings" in after) == (["BTC/USD", "AAPLx/USD", "DOGE/USD"], False), (
        "what is collected stays"
    )
    desk.world.change(pair_names=PairNames(listing))
    listing.away = True
    after = desk.ask("PUT", SOURCES, {"pairs": ["BTC/USD", "LTX/USD"]})
    assert after["pairs"] == ["BTC/USD", "LTX/USD"]
    assert "whether LTX/USD can be had is not known" in after["warnings"][0]
    assert "nobody answers" in after["warnings"][0]

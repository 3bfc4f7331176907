"""Real supervisord, stand-in programs."""

import json
import os
import signal
from functools import partial
from pathlib import Path

import pytest

from entrypoints.supervise.errors import NotStarted
from entrypoints.supervise.leftovers import leftovers
from entrypoints.supervise.parts import GROUPS, PARTS
from entrypoints.supervise.session import Session
from entrypoints.supervise.status import as_json
from tests.integration.supervise.stand_ins import BEATING, FAILING, MUTE, StandIns, alive, stand_ins
from tests.waiting import until


def test_all_start_in_order_are_ok_and_stop_leaving_nothing(tmp_path: Path) -> None:
    with stand_ins(tmp_path / "data with % ;odd #name") as part:
        part.start()
        heard = [line.split(" is ready")[0].lower() for line in part.voice.said]
        groups = [next(one.group for one in PARTS.values() if one.words.lower() == words) for words in heard]
        assert groups == sorted(groups, key=GROUPS.index)
        assert len(groups) == len(PARTS)
        assert part.set_ups == 1
        rows = part.looker.look(Session.load(part.places))
        assert {name: row.status for name, row in rows.items()} == dict.fromkeys(PARTS, "ok")
        pids = part.pids()
        assert sorted(pids) == sorted(PARTS)
        shown = json.loads(json.dumps(as_json(rows)))["components"]
        assert shown == {
            name: {
                "status": "ok",
                "endpoint": part.endpoints.get(name),
                "pid": pids[name],
                "detail": "as told" if PARTS[name].command else None,
                "since": None,
            }
            for name in PARTS
        }
        part.start()
        assert part.pids() == pids  # what runs stays
        supervisor = int((part.places.root / "supervisord.pid").read_text())
        assert alive(supervisor)

        stopped = part.cluster.stop(GROUPS)

        assert [PARTS[name].group for name in stopped] == ["api", *["spark"] * 2, *["producers"] * 3, *["services"] * 4]
        assert not [pid for pid in (*pids.values(), supervisor) if alive(pid)]
        assert not leftovers(part.places.run)
        assert Session.load(part.places) is None
        assert not list(part.places.programs.iterdir())
        assert not part.places.socket.exists()
        assert part.places.socket.parent == part.places.root or not part.places.socket.parent.exists()
        rows = part.looker.look(Session.load(part.places))
        assert {row.status for row in rows.values()} == {"stopped"}
        assert part.cluster.stop(GROUPS) == []


def test_a_group_stops_and_starts_by_itself(tmp_path: Path) -> None:
    with stand_ins(tmp_path) as part:
        part.start(part.plan({"news": (BEATING, "news", "degraded")}))  # it serves: what lies outside does not answer
        row = part.looker.look(Session.load(part.places), ["news"])["news"]
        assert (row.status, row.detail) == ("degraded", "as told")
        before = part.pids()
        assert part.cluster.stop(["spark"]) == ["spark_ingestion", "spark_analytics"]
        rows = part.looker.look(Session.load(part.places))
        assert {name for name, row in rows.items() if row.status == "stopped"} == {"spark_ingestion", "spark_analytics"}
        part.cluster.start(part.plan(), ["spark"])
        after = part.pids()
        assert {name for name in PARTS if before[name] != after[name]} == {"spark_ingestion", "spark_analytics"}


def comes_back(part: StandIns, name: str, before: int) -> bool:
    row = part.looker.look(Session.load(part.places), [name])[name]
    return row.status == "ok" and row.pid != before


def test_a_killed_part_comes_back(tmp_path: Path) -> None:
    with stand_ins(tmp_path) as part:
        part.start()
        for name in ("kafka", "feed", "api"):
            before = part.pids()[name]
            os.kill(before, signal.SIGKILL)
            assert until(partial(comes_back, part, name, before)), name


def test_one_that_never_gets_ready_is_named_with_its_log(tmp_path: Path) -> None:
    with stand_ins(tmp_path, ready_within_s=4) as part:
        with pytest.raises(NotStarted, match=r"(?s)The schema registry is not ready after \d+ s.*I never get ready"):
            part.start(part.plan({"schema_registry": (MUTE,)}))
        assert any("Waiting for" in line and "the schema registry" in line for line in part.voice.waited)
        assert part.set_ups == 0
        assert "feed" not in part.pids()
        part.cluster.stop(["services"], keep_session=True)
        part.start()  # mended, it goes on from there
        assert sorted(part.pids()) == sorted(PARTS)


def test_one_that_ends_again_and_again_is_given_up_soon(tmp_path: Path) -> None:
    with (
        stand_ins(tmp_path) as part,
        pytest.raises(
            NotStarted, match=r"(?s)The market feed is not ready.*it ended as soon as it had started.*I cannot go on"
        ),
    ):
        part.start(part.plan({"feed": (FAILING,)}))

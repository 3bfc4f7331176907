"""Real supervisord, stand-in programs: what others do to it."""

import os
import signal
import threading
from pathlib import Path

import pytest

from entrypoints.supervise.cluster import Program
from entrypoints.supervise.errors import NotStarted
from entrypoints.supervise.leftovers import leftovers
from entrypoints.supervise.parts import GROUPS, PARTS
from entrypoints.supervise.ports import is_free
from entrypoints.supervise.session import Session
from tests.integration.supervise.stand_ins import SERVER, StandIns, alive, stand_ins
from tests.waiting import until


def test_two_starts_at_once_end_with_one_of_each(tmp_path: Path) -> None:
    with stand_ins(tmp_path) as part:
        other = StandIns(tmp_path)
        other.endpoints = part.endpoints
        other.looker = part.looker
        starts = [threading.Thread(target=one.start, args=(part.plan(),)) for one in (part, other)]
        for start in starts:
            start.start()
        for start in starts:
            start.join()
        assert sorted(part.pids()) == sorted(PARTS)
        # one process each, none besides: the stand-ins have no children
        assert sorted(leftovers(part.places.run)) == sorted(part.pids().values())


def test_given_services_are_waited_for_but_not_run(tmp_path: Path) -> None:
    with stand_ins(tmp_path / "theirs") as theirs, stand_ins(tmp_path / "ours") as ours:
        theirs.cluster.start(theirs.plan(), ["services"])
        ours.endpoints = theirs.endpoints | {"api": ours.endpoints["api"]}
        given = ("kafka", "schema_registry", "database", "redis")
        ours.start(ours.plan(given=given))
        rows = ours.looker.look(Session.load(ours.places))
        assert {row.status for row in rows.values()} == {"ok"}
        assert {name for name, row in rows.items() if row.pid is None} == set(given)
        assert not set(given) & set(ours.pids())
        theirs.cluster.stop(["services"], keep_session=True)
        assert ours.looker.look(Session.load(ours.places), ["kafka"])["kafka"].status == "down"


def test_without_services_nothing_else_starts(tmp_path: Path) -> None:
    with stand_ins(tmp_path) as part, pytest.raises(NotStarted, match="first `cryptoviz start services`"):
        part.cluster.start(part.plan(), ["producers"])


def test_a_killed_supervisor_leaves_nothing_behind_at_the_next_start(tmp_path: Path) -> None:
    with stand_ins(tmp_path) as part:
        part.start()
        orphans = part.pids()
        os.kill(int((part.places.root / "supervisord.pid").read_text()), signal.SIGKILL)
        assert until(lambda: not part.daemon.is_running)
        rows = part.looker.look(Session.load(part.places))
        assert {row.status for row in rows.values()} == {"down"}
        part.start()
        assert not [pid for pid in orphans.values() if alive(pid)]
        assert sorted(leftovers(part.places.run)) == sorted(part.pids().values())
        orphans = part.pids()
        os.kill(int((part.places.root / "supervisord.pid").read_text()), signal.SIGKILL)
        assert until(lambda: not part.daemon.is_running)
        part.cluster.stop(GROUPS)
        assert until(lambda: not [pid for pid in orphans.values() if alive(pid)])


def test_what_hides_its_environment_or_hangs_is_ended_too_before_its_port_is_needed_again(tmp_path: Path) -> None:
    """Redis and PostgreSQL write their titles over their environments: nothing there says whose they are."""
    hiding = f"import os, sys\nif 'HIDDEN' not in os.environ: os.execve(sys.executable, [sys.executable, '-c', {SERVER!r}, sys.argv[1]], {{'HIDDEN': '1'}})"
    with stand_ins(tmp_path) as part:
        part.start(part.plan({"redis": (hiding, part.port("redis"))}))
        orphans = part.pids()
        os.kill(int((part.places.root / "supervisord.pid").read_text()), signal.SIGKILL)
        assert until(lambda: not part.daemon.is_running)
        os.kill(orphans["feed"], signal.SIGSTOP)
        assert not is_free(int(part.port("redis")))
        part.cluster.end_orphans()
        assert not [pid for pid in orphans.values() if alive(pid)]
        assert all(is_free(int(part.port(name))) for name in part.endpoints)
        part.start()
        assert part.cluster.stop(GROUPS)
        assert not leftovers(part.places.run)


def test_children_of_a_part_end_with_it(tmp_path: Path) -> None:
    """A part that is killed may leave a child in its process group: stopping ends that too."""
    forking = f"import subprocess, sys; subprocess.Popen(['sleep', '1000'])\n{SERVER}"
    with stand_ins(tmp_path) as part:
        port = part.port("kafka")
        part.start(part.plan({"kafka": (forking, port)}))
        os.kill(part.pids()["kafka"], signal.SIGKILL)
        assert until(lambda: "kafka" in part.pids() and len(leftovers(part.places.run)) >= len(PARTS) + 2)
        part.cluster.stop(GROUPS)
        assert not leftovers(part.places.run)


def test_nobody_else_reads_the_settings(tmp_path: Path) -> None:
    with stand_ins(tmp_path) as part:
        plan = part.plan()
        programs = {
            name: Program(
                one.command, {**one.environment, "CRYPTOVIZ_DATABASE_URL": "postgresql://u:s3cret@h/d"}, one.directory
            )
            for name, one in plan.programs.items()
        }
        part.start(type(plan)(plan.session, programs, plan.set_up))
        assert part.places.root.stat().st_mode & 0o077 == 0
        assert part.places.socket.stat().st_mode & 0o077 == 0
        holding = [file for file in tmp_path.rglob("*") if file.is_file() and b"s3cret" in file.read_bytes()]
        assert {file.parent for file in holding} == {part.places.programs}
        assert not [file for file in holding if file.stat().st_mode & 0o077]
        for pid in part.pids().values():
            assert b"s3cret" not in Path(f"/proc/{pid}/cmdline").read_bytes()


def test_a_services_password_is_not_shown(tmp_path: Path) -> None:
    with stand_ins(tmp_path) as part:
        given = {"redis": f"redis://:s3cret@127.0.0.1:{part.port('redis')}/0"}
        session = Session(source="simulated", endpoints=given, directory="/", given=["redis"])
        row = part.looker.look(session, ["redis"])["redis"]
        assert row.endpoint == given["redis"].replace("s3cret", "***")
        assert row.status == "down"

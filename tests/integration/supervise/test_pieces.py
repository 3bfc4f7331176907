import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url

from entrypoints.settings import Settings, load_settings
from entrypoints.supervise.errors import NotStarted
from entrypoints.supervise.launch import write_program
from entrypoints.supervise.log_files import Place, follow, last_lines, tail
from entrypoints.supervise.passfile import with_passfile
from entrypoints.supervise.places import Places
from entrypoints.supervise.plan import Planner
from entrypoints.supervise.ports import DEFAULTS, Ports, any_free, is_free
from entrypoints.supervise.session import Session, without_password

GIVEN = {
    "CRYPTOVIZ_KAFKA_BOOTSTRAP_SERVERS": "kafka-1:9092,kafka-2:9092",
    "CRYPTOVIZ_SCHEMA_REGISTRY_URL": "http://registry:8080/apis/ccompat/v7",
    "CRYPTOVIZ_DATABASE_URL": "postgresql://me:s3%3Acret@database:5432/crypto",
    "CRYPTOVIZ_REDIS_URL": "redis://redis:6379/0",
}


# A program's description


def test_a_program_keeps_its_pid_and_gets_its_own_settings(tmp_path: Path) -> None:
    file = tmp_path / "program.json"
    show = "import json, os; print(json.dumps([os.getpid(), os.getcwd(), dict(os.environ)]))"
    write_program(file, [sys.executable, "-c", show], {"CRYPTOVIZ_ODD": 'a "b"\n%;#', "OTHER": "1"}, tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "entrypoints.supervise.launch", str(file)], stdout=subprocess.PIPE,
        env={**os.environ, "CRYPTOVIZ_OF_AN_EARLIER_START": "x", "KEPT": "y"},
    ) as program:  # fmt: skip
        assert program.stdout
        pid, directory, environment = json.loads(program.stdout.read())
    assert (pid, directory) == (program.pid, str(tmp_path))
    assert environment["CRYPTOVIZ_ODD"] == 'a "b"\n%;#'
    assert (environment["OTHER"], environment["KEPT"]) == ("1", "y")
    assert "CRYPTOVIZ_OF_AN_EARLIER_START" not in environment


def test_a_program_that_is_not_there_says_so(tmp_path: Path) -> None:
    file = tmp_path / "program.json"
    write_program(file, ["/nowhere/program"], {}, tmp_path)
    launch = [sys.executable, "-P", "-m", "entrypoints.supervise.launch", str(file)]
    run = subprocess.run(launch, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "No such file or directory" in run.stderr


# Passwords


@given(password=st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1))
def test_a_password_moves_into_a_passfile(tmp_path_factory: pytest.TempPathFactory, password: str) -> None:
    file = tmp_path_factory.mktemp("passfile") / "pass file%"
    url = make_url("postgresql://me@host:5432/crypto?sslmode=require").set(password=password)
    moved = make_url(with_passfile(url.render_as_string(hide_password=False), file))
    assert moved.password is None
    assert (moved.username, moved.host, moved.port, moved.database) == ("me", "host", 5432, "crypto")
    assert dict(moved.query) == {"sslmode": "require", "passfile": str(file)}
    assert file.stat().st_mode & 0o777 == 0o600
    written = file.read_text().removesuffix("\n").removeprefix("*:*:*:*:")
    assert written.replace("\\:", ":").replace("\\\\", "\\") == password


def test_a_url_without_a_password_stays(tmp_path: Path) -> None:
    url = "postgresql://me@host/crypto?passfile=/etc/pass"
    assert with_passfile(url, tmp_path / "passfile") == url
    assert not list(tmp_path.iterdir())


def test_passwords_are_not_shown() -> None:
    assert without_password("redis://:s3cret@host:6379/0") == "redis://:***@host:6379/0"
    assert without_password("127.0.0.1:9092") == "127.0.0.1:9092"
    assert without_password("http://host:8080/x?at=a@b") == "http://host:8080/x?at=a@b"


# Ports


def test_a_port_is_kept_and_gives_way_when_it_is_taken(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.make()
    said: list[str] = []
    first = Ports(places).of("kafka", in_use=False, say=said.append)
    assert first == DEFAULTS["kafka"] or said
    assert Ports(places).of("kafka", in_use=False, say=said.append) == first
    with subprocess.Popen(
        [sys.executable, "-c", f"import socket; s = socket.create_server(('127.0.0.1', {first})); print(1, flush=True); input()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as other:  # fmt: skip
        assert other.stdout
        assert other.stdout.readline()
        assert not is_free(first)
        assert Ports(places).of("kafka", in_use=True, say=said.append) == first  # it is Kafka itself
        second = Ports(places).of("kafka", in_use=False, say=said.append)
        assert second != first
        assert f"Port {first} is taken" in said[-1]
        other.kill()
    assert Ports(places).of("kafka", in_use=False, say=said.append) == second
    assert Ports(places).of("redis", in_use=False, say=said.append) != second


def test_a_spoilt_file_is_named(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.make()
    places.ports.write_text("[")
    with pytest.raises(OSError, match="delete it"):
        Ports(places)
    places.session.write_text("{}")
    with pytest.raises(OSError, match="delete it"):
        Session.load(places)


# Logs


def test_the_end_of_a_log(tmp_path: Path) -> None:
    log = tmp_path / "feed.log"
    assert last_lines(log, 5) == []
    log.write_bytes(b"one\ntwo \xff\nthree\n")
    assert last_lines(log, 2) == ["two \N{REPLACEMENT CHARACTER}", "three"]
    assert last_lines(log, 0) == []


def test_a_log_is_followed_through_its_rotation(tmp_path: Path) -> None:
    log = tmp_path / "feed.log"
    log.write_text("old\n")
    stop, begun, enough = threading.Event(), threading.Event(), threading.Event()
    seen = bytearray()

    def read(start: Place) -> None:
        for added in follow(log, start, lambda: not stop.is_set()):
            seen.extend(added)
            begun.set()
            if seen.endswith(b"last\n"):
                enough.set()

    _, place = tail(log, 10)
    with log.open("a") as file:
        file.write("between\n")
    reader = threading.Thread(target=read, args=(place,))
    reader.start()
    assert begun.wait(20)
    with log.open("a") as file:
        file.write("before\n")
    log.rename(tmp_path / "feed.log.1")
    log.write_text("after\nlast\n")
    assert enough.wait(20)
    stop.set()
    reader.join()
    assert seen.decode().splitlines() == ["between", "before", "after", "last"]


# Plans


def planned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **settings: str) -> tuple[Settings, Places]:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("CRYPTOVIZ_")]:
        monkeypatch.delenv(name)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    places = Places(tmp_path / "data")
    places.make()
    return load_settings(profile="embedded", data_dir=places.data_dir), places


def test_given_services_are_passed_on_and_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, places = planned(tmp_path, monkeypatch, **GIVEN)
    plan = Planner(settings, places, None, set(), lambda line: None).plan(["services", "producers"], {}, tmp_path)
    assert plan.session.given == ["kafka", "schema_registry", "database", "redis"]
    assert not set(plan.session.given) & set(plan.programs)
    environment = plan.programs["feed"].environment
    assert environment["CRYPTOVIZ_KAFKA_BOOTSTRAP_SERVERS"] == "kafka-1:9092,kafka-2:9092"
    assert environment["CRYPTOVIZ_DATABASE_URL"] == (
        f"postgresql://me@database:5432/crypto?passfile={places.root}/passfile"
    )
    assert (places.root / "passfile").read_text() == "*:*:*:*:s3\\:cret\n"
    assert environment["CRYPTOVIZ_PROFILE"] == "cluster"
    assert environment["CRYPTOVIZ_SOURCE"] == "kraken"  # auto never falls back where a log is shared
    assert environment["CRYPTOVIZ_RUN_DIR"] == str(places.run)
    assert plan.session.endpoints["api"].endswith(environment["CRYPTOVIZ_PORT"])


def test_a_session_keeps_its_source_while_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, places = planned(tmp_path, monkeypatch, **GIVEN)
    before = Session(source="simulated", endpoints={"kafka": "127.0.0.1:1"}, directory="/")
    with pytest.raises(NotStarted, match="simulated is running"):
        Planner(settings, places, before, {"kafka"}, lambda line: None).plan(["producers"], {}, tmp_path)
    plan = Planner(settings, places, before, set(), lambda line: None).plan(["producers"], {}, tmp_path)
    assert plan.session.source == "kraken"
    assert plan.session.endpoints["kafka"] == "kafka-1:9092,kafka-2:9092"


def test_endpoints_of_a_session_are_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, places = planned(tmp_path, monkeypatch)
    before = Session(source="kraken", endpoints={"kafka": "127.0.0.1:1", "database": "postgresql://x"}, directory="/")
    before.save(places)
    plan = Planner(settings, places, Session.load(places), {"kafka"}, lambda line: None).plan(["api"], {}, tmp_path)
    environment = plan.programs["api"].environment
    assert environment["CRYPTOVIZ_KAFKA_BOOTSTRAP_SERVERS"] == "127.0.0.1:1"
    assert "CRYPTOVIZ_REDIS_URL" not in environment


@pytest.mark.parametrize(
    ("host", "reached"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("::1", "[::1]")]
)
def test_the_api_is_shown_where_it_is_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, reached: str
) -> None:
    port = any_free()
    settings, places = planned(tmp_path, monkeypatch, CRYPTOVIZ_HOST=host, CRYPTOVIZ_PORT=str(port), **GIVEN)
    plan = Planner(settings, places, None, set(), lambda line: None).plan(["producers"], {}, tmp_path)
    assert plan.session.endpoints["api"] == f"http://{reached}:{port}"


def test_a_recording_has_a_directory_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = tmp_path / "day.jsonl"
    recording.write_text("{}\n")
    settings, places = planned(tmp_path, monkeypatch, CRYPTOVIZ_SOURCE="recording:day.jsonl", **GIVEN)
    planner = Planner(settings, places, None, set(), lambda line: None)
    assert planner.plan(["producers"], {}, tmp_path).session.source == f"recording:{recording}"
    assert planner.checkpoints.parent.parent == places.data_dir / "recordings"

"""Bad input in every command and setting: one clear line, an exit code, no traceback."""

import gzip
import signal
from pathlib import Path

import pytest

from application.ports.page import Window
from entrypoints.house import open_house
from entrypoints.settings import Settings
from tests.e2e.program import NOWHERE, Program, cryptoviz
from tests.e2e.recordings import steady, write
from tests.waiting import until


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("PROFILE", "x", "CRYPTOVIZ_PROFILE: 'x' is not understood: expected 'embedded' or 'cluster'"),
        ("SOURCE", "coinbase", "CRYPTOVIZ_SOURCE: 'coinbase' is not a source"),
        ("SPEED", "-1", "CRYPTOVIZ_SPEED: '-1' is not understood: expected a number from 0 to 1,000,000"),
        ("SPEED", "nan", "CRYPTOVIZ_SPEED: 'nan' is not understood: expected a number from 0 to 1,000,000"),
        ("PORT", "70000", "CRYPTOVIZ_PORT: '70000' is not understood: expected a whole number from 0 to 65,535"),
        ("PORT", "http", "CRYPTOVIZ_PORT: 'http' is not understood: expected a whole number from 0 to 65,535"),
        ("PUBLIC_READS", "maybe", "CRYPTOVIZ_PUBLIC_READS: 'maybe' is not understood: expected true or false"),
        ("PAIRS", "BTC", "CRYPTOVIZ_PAIRS: 'BTC' is not a pair"),
        ("FEEDS", "example.org", "CRYPTOVIZ_FEEDS: 'example.org' is not a feed"),
        ("FEEDS", "A=https://a.test/,A=https://b.test/", "CRYPTOVIZ_FEEDS: the feed name 'A' stands twice"),
        (
            "FEED_INTERVAL_S",
            "9",
            "CRYPTOVIZ_FEED_INTERVAL_S: '9' is not understood: expected a whole number from 10 to 86,400",
        ),
        ("ALLOW_PRIVATE_HOSTS", "localhost", "CRYPTOVIZ_ALLOW_PRIVATE_HOSTS: 'localhost' is not host:port"),
        ("KRAKEN_WS_URL", "https://ws.kraken.com", "CRYPTOVIZ_KRAKEN_WS_URL"),
        ("KRAKEN_REST_URL", "ftp://u:secret@x", "CRYPTOVIZ_KRAKEN_REST_URL: 'ftp://x' is not a web address"),
        ("FEEDS", "A=ftp://u:secret@x", "CRYPTOVIZ_FEEDS: 'A=ftp://x' is not a feed"),
        ("RETENTION", "maybe", "CRYPTOVIZ_RETENTION: 'maybe' is not understood: expected 'on' or 'off'"),
        ("PROFILE", "cluster", "CRYPTOVIZ_PROFILE: the cluster profile needs CRYPTOVIZ_KAFKA_BOOTSTRAP_SERVERS, "),
        ("KAFKA_BOOTSTRAP_SERVERS", "kafka", "CRYPTOVIZ_KAFKA_BOOTSTRAP_SERVERS: 'kafka' is not host:port"),
        ("SCHEMA_REGISTRY_URL", "registry:8081", "CRYPTOVIZ_SCHEMA_REGISTRY_URL: 'registry:8081' is not a web address"),
        ("DATABASE_URL", "mysql://u:secret@h/d", "CRYPTOVIZ_DATABASE_URL: not a database URL that is understood"),
        ("REDIS_URL", "localhost:6379", "CRYPTOVIZ_REDIS_URL: not a Redis URL"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_its_name(setting: str, value: str, expected: str, tmp_path: Path) -> None:
    run = cryptoviz("run", "--data-dir", str(tmp_path), timeout_s=60, **{setting.lower(): value})
    assert run.returncode == 2
    assert run.stderr.startswith(f"cryptoviz: {expected}"), run.stderr
    assert run.stderr.count("\n") == 1
    assert "secret" not in run.stderr


def test_run_is_the_embedded_profiles_own(tmp_path: Path) -> None:
    services = {
        "kafka_bootstrap_servers": "127.0.0.1:9", "schema_registry_url": "http://127.0.0.1:9",
        "database_url": "postgresql://x@127.0.0.1:9/x",
    }  # fmt: skip
    run = cryptoviz("run", "--data-dir", str(tmp_path), timeout_s=60, profile="cluster", **services)
    assert run.returncode == 2
    assert "cryptoviz: CRYPTOVIZ_PROFILE is cluster, and `run` is the embedded profile" in run.stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["import", "missing.csv"], "missing.csv"),
        (["import", "{tmp}/odd.csv"], "odd.csv"),
        (["import", "{tmp}/XBTUSD.csv", "--pair", "nonsense"], "'nonsense' is not a pair"),
        (["record", "{tmp}/no/such/folder.jsonl"], "folder.jsonl"),
        (["dead-letters", "show", "nope"], "there is no dead letter 'nope'"),
        (["dead-letters", "redrive", "nope"], "there is no dead letter 'nope'"),
        (["dead-letters", "drop", "nope"], "there is no dead letter 'nope'"),
        (["dead-letters", "list", "--outcome", "x"], "expected open, redriven, dropped or all"),
        (["backfill", "--pair", "nonsense"], "'nonsense' is not a pair"),
        (["rebuild", "--source", "coinbase"], "'coinbase' is not a source"),
    ],
)
def test_bad_input_of_a_command_gets_one_line(arguments: list[str], expected: str, tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_text("who,knows\n")
    (tmp_path / "XBTUSD.csv").write_text("1561939203,10749.4,0.004\n")
    filled = [argument.replace("{tmp}", str(tmp_path)) for argument in arguments]
    run = cryptoviz(*filled, data_dir=str(tmp_path / "data"))
    assert run.returncode in {1, 2}
    lines = run.stderr.splitlines()
    assert lines and expected in lines[-1], run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    "command",
    [
        "",
        "run",
        "record",
        "import",
        "backfill",
        "rebuild",
        "backup",
        "restore",
        "db",
        "db upgrade",
        "dead-letters",
        "dead-letters list",
    ],
)
def test_help_teaches(command: str) -> None:
    shown = cryptoviz(*command.split(), "--help")
    assert shown.returncode == 0
    assert len(shown.stdout) > 200


def test_a_data_directory_in_use_is_refused_saying_by_whom(tmp_path: Path) -> None:
    recording = write(tmp_path / "r.jsonl", steady(3))
    data = tmp_path / "data"
    with Program(data, "--source", f"recording:{recording}") as program:
        second = cryptoviz("rebuild", "--source", f"recording:{recording}", "--data-dir", str(data))
        assert second.returncode == 1
        assert f"in use by 'cryptoviz run' (pid {program.process.pid}" in second.stderr
        assert program.url
        port = program.url.rpartition(":")[2]
        taken = cryptoviz("run", "--source", "simulated", "--port", port, "--data-dir", str(tmp_path / "other"))
        assert taken.returncode == 1
        assert f"cannot serve at 127.0.0.1:{port}" in taken.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly(how: signal.Signals, tmp_path: Path) -> None:
    recording = write(tmp_path / "r.jsonl", steady(5_000))
    with Program(tmp_path / "data", "--source", f"recording:{recording}", "--speed", "100") as program:
        assert until(lambda: program.get("trades/?pair=BTC-USD&limit=1")["items"])
        program.process.send_signal(how)
        assert program.process.wait(20) == 0
    assert "Stopped" in program.said
    assert "Traceback" not in program.said


def test_a_setting_that_is_misspelt_is_told(tmp_path: Path) -> None:
    run = cryptoviz(
        "user", "list", "--data-dir", str(tmp_path), feedz="A=https://a.test/", test_url="x", redis_port="1"
    )
    assert run.returncode == 0
    assert run.stderr.splitlines()[0] == (
        "cryptoviz: CRYPTOVIZ_FEEDZ is not a setting and is ignored: did you mean CRYPTOVIZ_FEEDS?"
    )
    assert run.stderr.count("is not a setting") == 1


def test_a_file_of_settings_that_is_no_text_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes(b"CRYPTOVIZ_PORT=\xff\xfe")
    run = cryptoviz("user", "list", "--data-dir", str(tmp_path))
    assert (run.returncode, run.stderr) == (2, "cryptoviz: .env is not in UTF-8 (byte 16): save it as that\n")
    assert cryptoviz("--help").returncode == 0


def test_a_place_that_cannot_be_had_is_told_with_what_to_change(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    run = cryptoviz("run", "--source", "simulated", "--port", "0", "--data-dir", str(file))
    assert (run.returncode, "is a file: choose another with --data-dir" in run.stderr) == (1, True)
    run = cryptoviz("run", "--source", "simulated", "--host", "192.0.2.1", "--data-dir", str(tmp_path / "data"))
    assert (run.returncode, "choose another --host" in run.stderr) == (1, True)


def test_a_recording_of_nothing_is_none(tmp_path: Path) -> None:
    run = cryptoviz("record", str(tmp_path / "r.jsonl"), "--seconds", "1", kraken_ws_url=NOWHERE)
    assert run.returncode == 1
    assert f"cryptoviz: no connection to {NOWHERE}: it refused the connection, so there is no recording" in run.stderr
    assert not (tmp_path / "r.jsonl").exists()


def test_import_takes_a_file_twice_and_names_bad_lines(tmp_path: Path) -> None:
    file = tmp_path / "XBTUSD.csv"
    file.write_text(
        "1561939203,10749.4,0.004\n1561939205,10749.7,0.03869709\nnonsense\n1561939205,10749.7,0.03869709\n"
    )
    for told in ("Imported 3 events from 1 file(s)", "Imported 0 events from 1 file(s); 3 were there already"):
        run = cryptoviz("import", str(file), "--data-dir", str(tmp_path / "data"))
        assert run.returncode == 0, run.stderr
        assert f"{told}; 1 lines could not be read (`cryptoviz dead-letters list`)." in run.stdout
        assert "line 3" in run.stderr
    settings = {
        "kraken_ws_url": NOWHERE,
        "kraken_rest_url": "http://127.0.0.1:9",
        "feeds": "None=http://127.0.0.1:9/feed",
    }
    with Program(tmp_path / "data", "--source", "kraken", **settings) as program:
        assert len(list(program.all("trades/?pair=BTC-USD"))) == 3
        [candle] = program.get("candles/?pair=BTC-USD&interval=1d&start=2019-01-01T00:00:00Z")["items"]
        assert (candle["open"], candle["close"], candle["volume"], candle["trades"]) == (
            "10749.4",
            "10749.7",
            "0.08139418",
            3,
        )


def test_what_it_changes_is_in_the_audit_trail(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (tmp_path / "XBTUSD.csv").write_text("1561939203,10749.4,0.004\nnonsense\n")
    assert cryptoviz("import", str(tmp_path / "XBTUSD.csv"), "--data-dir", str(data)).returncode == 0
    letter = cryptoviz("dead-letters", "list", "--data-dir", str(data)).stdout.split()[0]
    for command in (["dead-letters", "drop", letter], ["dead-letters", "drop", "nope"], ["rebuild"]):
        cryptoviz(*command, "--data-dir", str(data))
    cut = tmp_path / "ETHUSD.csv.gz"
    cut.write_bytes(gzip.compress(b"1561939203,10749.4,0.004\n" * 5000)[:-20])
    assert cryptoviz("import", str(cut), "--data-dir", str(data)).returncode == 1
    with open_house(Settings(data_dir=data, profile="embedded", _env_file=None)) as house:  # type: ignore[call-arg]
        entries = house.audit().trail.entries(Window(limit=10)).items
    noted = [
        (one.actor, one.action, one.target, one.detail) for one in sorted(entries, key=lambda one: one.recorded_at)
    ]
    assert noted == [
        ("command line", "import", "XBTUSD.csv", "1 events, 1 lines could not be read"),
        ("command line", "dead-letters drop", letter, ""),
        ("command line", "rebuild", "the tables", "from 3 records of the log"),
        ("command line", "import", "ETHUSD.csv.gz", "broken off in the middle of this file"),
    ]


def test_tables_are_brought_up_to_date_as_often_as_one_likes(tmp_path: Path) -> None:
    for _ in range(2):
        run = cryptoviz("db", "upgrade", "--data-dir", str(tmp_path / "data"))
        assert run.returncode == 0, run.stderr
        assert "up to date" in run.stdout

"""What a process says of itself, and what the API makes of what all processes say."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from adapters.memory.clock import FixedClock
from application.fleet import Fleet
from application.health import Board, DeadLetterRate, Finding, whole
from application.ports.event_log import Cursor, Place
from application.ports.process_reports import ProcessReport
from application.progress import PartState
from tests.waiting import until

NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)


def board(**settings: float) -> Board:
    return Board(FixedClock(NOW), essential={"database"}, every_s=0.01, **settings)


def test_an_answer_that_is_too_old_is_no_answer_and_the_report_waits_for_nobody() -> None:
    hangs, asked = threading.Event(), threading.Event()
    made = board(answer_within_s=0.2)

    def ask() -> None:
        if asked.is_set():
            hangs.wait()

    made.ask("database", ask)
    made.ask("redis", lambda: None)
    made.start()
    try:
        assert until(lambda: made.report()["database"].status == "ok")
        asked.set()
        assert until(lambda: made.report()["database"].status == "down")
        state = made.report()["database"]
        assert state.essential and state.since is not None and state.since < NOW
        assert "has not answered" in str(state.detail)
        assert made.report()["redis"].status == "ok", "one that hangs holds up no other"
        asked.clear()
        hangs.set()
        assert until(lambda: made.report()["database"].status == "ok")
    finally:
        hangs.set()
        made.stop()


def test_what_an_answer_says_and_what_it_raises_is_told() -> None:
    answers: list[Finding | Exception] = [Finding("degraded", "room for 2 days"), OSError("no space left")]
    made = board()

    def ask() -> Finding:
        if isinstance(answers[0], Exception):
            raise answers[0]
        return answers[0]

    made.ask("disk", ask)
    made.start()
    try:
        assert until(lambda: made.report()["disk"].status == "degraded")
        assert made.report()["disk"].detail == "room for 2 days"
        answers.pop(0)
        assert until(lambda: made.report()["disk"].status == "down")
        assert made.report()["disk"].detail == "no space left"
    finally:
        made.stop()


def test_a_reader_is_measured_by_the_head_of_its_log() -> None:
    made = board(patience_s=0.1)
    made.follow_head("log", lambda: Cursor("17"))
    progress = made.progress("store")
    progress.begin()
    made.start()
    try:
        assert until(lambda: made.report()["log"].status == "ok")
        progress.at(Place({"": 7}), ("rawtrade",))
        assert made.report()["store"].behind == 10
    finally:
        made.stop()


def test_the_whole_is_as_bad_as_its_worst_part_and_down_only_when_all_or_an_essential_one_is() -> None:
    ok, bad, down = PartState("ok", since=NOW), PartState("degraded", "why", since=NOW), PartState("down", "gone")
    assert whole({"a": ok}).status == "ok"
    assert (whole({"a": ok, "b": bad}).status, whole({"a": ok, "b": bad}).detail) == ("degraded", "b: why")
    assert whole({"a": ok, "b": down}).status == "degraded"
    assert whole({"a": down}).status == "down"
    assert whole({"a": ok, "b": replace(down, essential=True)}).status == "down"


def test_200_000_dead_letters_in_a_minute_are_degraded_and_forgotten_a_minute_later() -> None:
    seconds, total = [0.0], [1_000_000.0]
    rate = DeadLetterRate(lambda: total[0], now=lambda: seconds[0])
    assert rate.look() == Finding(), "those from before are no news"
    total[0] += 60
    assert rate.look() == Finding()
    total[0] += 200_000
    seconds[0] += 30
    assert rate.look().status == "degraded" and "200,060 dead letters" in str(rate.look().detail)
    for _ in range(70):
        seconds[0] += 1
        rate.look()
    assert rate.look() == Finding()


class Reports:
    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], ProcessReport] = {}

    def save(self, report: ProcessReport) -> None:
        self.kept[report.name, report.instance] = report

    def reports(self) -> Sequence[ProcessReport]:
        return list(self.kept.values())


class Seen:
    """A fleet with a clock of its own, and processes whose clocks are wrong by an hour."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.clock = FixedClock(NOW)
        self.reports = Reports()
        self.fleet = Fleet(self.reports, self.clock, ["feed", "alerting"], now=lambda: self.seconds)

    def pass_time(self, seconds: float) -> None:
        self.seconds += seconds
        self.clock.advance(timedelta(seconds=seconds))

    def report(self, name: str, instance: str = "a", **parts: PartState) -> None:
        at = self.clock.now() + timedelta(hours=1)
        started = self.reports.kept.get((name, instance))
        self.reports.save(
            ProcessReport(
                name=name, instance=instance, version="1", started_at=started.started_at if started else at, at=at,
                parts=parts or {"worker": PartState("ok", since=at)},
            )
        )  # fmt: skip

    def statuses(self) -> dict[str, str]:
        self.fleet.look()
        return {name: part.status for name, part in self.fleet.parts().items()}


def test_each_process_and_worker_is_told_by_the_latest_report_and_silence_is_down_for_that_one_alone() -> None:
    seen = Seen()
    assert seen.statuses() == {"feed": "stopped", "alerting": "stopped"}, "neither has ever reported"
    seen.report("feed", writer=PartState("degraded", "Kafka does not answer", since=NOW))
    seen.report("alerting")
    assert seen.statuses() == {
        "feed": "degraded", "feed/writer": "degraded", "alerting": "ok", "alerting/worker": "ok",
    }  # fmt: skip
    assert "writer: Kafka does not answer" in str(seen.fleet.parts()["feed"].detail)
    for _ in range(4):
        seen.pass_time(3)
        seen.report("alerting")
        seen.fleet.look()
    assert seen.statuses() == {"feed": "down", "alerting": "ok", "alerting/worker": "ok"}
    silent = seen.fleet.parts()["feed"]
    assert "has not reported for 12 s" in str(silent.detail) and silent.since == NOW
    seen.report("feed")
    assert seen.statuses()["feed"] == "ok"


def test_while_the_database_does_not_answer_nothing_is_known_of_the_others() -> None:
    seen = Seen()
    seen.report("feed")
    seen.report("alerting")
    assert seen.statuses()["feed"] == "ok"
    seen.pass_time(11)
    parts = seen.fleet.parts()
    assert {part.status for part in parts.values()} == {"degraded"}
    assert all("while the database does not answer" in str(part.detail) for part in parts.values())


def test_a_process_that_was_replaced_is_forgotten_and_one_that_starts_again_and_again_is_down() -> None:
    seen = Seen()
    for number in range(5):
        seen.report("feed", instance=str(number))
        assert seen.statuses()["feed"] == "ok", "the present one counts"
        seen.pass_time(11)
    seen.report("feed", instance="5")
    assert seen.statuses()["feed"] == "down"
    assert "started 6 times within five minutes" in str(seen.fleet.parts()["feed"].detail)


def test_a_process_that_was_stopped_is_stopped_not_down() -> None:
    seen = Seen()
    seen.report("feed")
    seen.report("feed", process=PartState("stopped", "it was stopped"))
    seen.pass_time(100)
    assert seen.statuses()["feed"] == "stopped"

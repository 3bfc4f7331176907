from collections.abc import Sequence

import pytest

from application.dead_letters import DeadLetterCommands
from application.ports.page import Window
from domain.dead_letter import DeadLettered
from domain.errors import NotAllowed, NotFound
from domain.event import Event
from tests.builders import BTC, at, dead_letter, trade
from tests.unit.application.conftest import World


def commands(world: World, reads: Sequence[Event]) -> DeadLetterCommands:
    return DeadLetterCommands(world.event_log, world.letters, world.clock, {dead_letter().kind: lambda _: reads})


def keep(world: World) -> DeadLettered:
    letter = dead_letter()
    world.event_log.append([letter])
    world.projection.catch_up()
    return letter


def test_redriving_takes_in_what_it_says_and_twice_makes_no_duplicate(world: World) -> None:
    letter = keep(world)
    assert commands(world, [trade(1)]).redrive(letter.letter_id) == 1
    world.projection.catch_up()
    assert len(world.market.trades(BTC, Window()).items) == 1
    with pytest.raises(NotAllowed, match="redriven already"):
        commands(world, [trade(1)]).redrive(letter.letter_id)
    kept = world.letters.dead_letter(letter.letter_id)
    assert kept and kept.outcome == "redriven"
    before = world.rows()
    world.rebuild.run()
    assert world.rows() == before


def test_what_still_cannot_be_read_stays_open_and_says_why(world: World) -> None:
    letter = keep(world)
    with pytest.raises(NotAllowed, match="still cannot be read"):
        commands(world, [dead_letter()]).redrive(letter.letter_id)
    kept = world.letters.dead_letter(letter.letter_id)
    assert kept and kept.outcome == "open"


def test_dropping_and_unknown_ids(world: World) -> None:
    letter = keep(world)
    commands(world, []).drop(letter.letter_id)
    world.projection.catch_up()
    assert world.letters.dead_letters(Window()).items == []
    assert len(world.letters.dead_letters(Window(), outcome="dropped").items) == 1
    with pytest.raises(NotFound, match="no dead letter 'nope'"):
        commands(world, []).drop("nope")


def test_letters_that_cannot_be_read_keep_no_other_from_its_turn(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("application.dead_letters.MOST_AT_ONCE", 3)
    letters = [dead_letter(offset=number, occurred_at=at(number)) for number in range(12)]
    world.event_log.append(letters)
    world.projection.catch_up()

    def read(letter: DeadLettered) -> Sequence[Event]:
        number = letter.offset or 0
        if number >= 9:
            raise KeyError("a way of failing that nobody foresaw")
        return [letter] if number >= 5 else [trade(number + 1)]

    reads = DeadLetterCommands(world.event_log, world.letters, world.clock, {letters[0].kind: read})
    settled = reads.redrive_all()
    assert (len(settled.letter_ids), settled.events, settled.refused, settled.more) == (3, 3, 7, True)
    assert "nobody foresaw" in (settled.reason or "")
    world.projection.catch_up()
    assert len(reads.redrive_all().letter_ids) == 2
    world.projection.catch_up()
    assert sorted(one.letter.offset or 0 for one in world.letters.dead_letters(Window()).items) == list(range(5, 12))

"""Places: text and back, and the laws that readers and streams rely on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.ports.places import BEGINNING, Cursor, InvalidCursor, Place, Position
from application.topics import TOPICS

NAMES = [f"{topic}/{number}" for topic in TOPICS for number in range(3)]
numbers = st.integers(0, 10**18 - 1)
partitioned = st.dictionaries(st.sampled_from(NAMES), numbers).map(Place)
single = st.integers(1, 10**18 - 1).map(lambda number: Place({"": number}))
places = partitioned | single
positions = st.builds(Position, st.sampled_from(NAMES), numbers)


@given(places)
def test_a_place_is_its_text(place: Place) -> None:
    assert Place.at(place.cursor) == place
    assert Place.at(place.cursor).cursor == place.cursor
    assert hash(Place.at(place.cursor)) == hash(place)


def test_places_are_written_in_the_order_of_their_partitions() -> None:
    assert Place({"rawtrade/2": 4, "rawtrade/0": 17}).cursor == "rawtrade/0:17,rawtrade/2:4"
    assert Place({"": 1042}).cursor == "1042"
    assert Place({}).cursor == BEGINNING == "0"
    assert Place.at(Cursor("00")) == Place.at(BEGINNING) == Place({})


@given(partitioned, partitioned)
def test_the_text_is_equal_only_for_equal_places(one: Place, other: Place) -> None:
    assert (one.cursor == other.cursor) == (one == other)


@given(partitioned, partitioned, partitioned)
def test_joining_is_the_least_place_that_reaches_both(one: Place, other: Place, third: Place) -> None:
    joined = one.joined(other)
    assert joined == other.joined(one)
    assert joined.joined(third) == one.joined(other.joined(third))
    assert one.joined(one) == one
    assert joined.reaches(one)
    assert joined.reaches(other)
    if third.reaches(one) and third.reaches(other):
        assert third.reaches(joined)


@given(partitioned, partitioned)
def test_who_reaches_another_has_nothing_to_gain_from_it(one: Place, other: Place) -> None:
    assert one.reaches(other) == (one.joined(other) == one)
    assert one.reaches(Place({}))


@given(partitioned, positions)
def test_past_a_record_means_that_it_is_covered_and_nothing_else_moves(place: Place, position: Position) -> None:
    beyond = place.past(position)
    assert beyond.covers(position)
    assert beyond.reaches(place)
    assert beyond == place.joined(Place({position.partition: position.number}))
    assert beyond.past(position) == beyond
    if place.covers(position):
        assert beyond == place


@given(partitioned, positions)
def test_a_place_covers_what_lies_at_or_before_it(place: Place, position: Position) -> None:
    earlier = Position(position.partition, position.number // 2)
    if place.covers(position):
        assert place.covers(earlier)
    assert place.covers(position) == place.reaches(Place({position.partition: position.number}))
    assert not Place({}).covers(position)


@given(partitioned, partitioned, positions)
def test_joined_places_cover_what_either_covers(one: Place, other: Place, position: Position) -> None:
    assert one.joined(other).covers(position) == (one.covers(position) or other.covers(position))


@given(partitioned, st.sets(st.sampled_from(TOPICS)))
def test_a_place_within_topics_says_the_same_of_them(place: Place, topics: set[str]) -> None:
    part = place.within(topics)
    assert place.reaches(part)
    assert part.within(topics) == part
    assert {name.rpartition("/")[0] for name in part.numbers} <= topics
    assert part.joined(place.within(set(TOPICS) - topics)) == place


@given(single)
def test_a_place_of_a_log_with_one_order_is_within_any_topics(place: Place) -> None:
    assert place.within([]) == place


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "-1", " 1", "1e3", "٣", "1.", "1.5", "1\n", "0x1", "9" * 19, ",", "rawtrade/0", "rawtrade/0:", "rawtrade:1",
        "/0:1", "rawtrade/0:-1", "rawtrade/0:1,", ",rawtrade/0:1", "rawtrade/0:1 ,rawtrade/1:1", "rawtrade/0:1,7",
        "rawtrade/0:1,rawtrade/0:2", "RAWTRADE/0:1", "a/b/0:1", "rawtrade/٣:1", "rawtrade/0:1\n", "rawtrade/0:" + "9" * 19,
    ],
)  # fmt: skip
def test_what_has_no_cursors_form_is_refused(text: str) -> None:
    with pytest.raises(InvalidCursor, match="is not a cursor"):
        Place.at(Cursor(text))


@given(st.text(max_size=60))
def test_any_text_is_a_place_or_refused(text: str) -> None:
    try:
        place = Place.at(Cursor(text))
    except InvalidCursor:
        return
    assert Place.at(place.cursor) == place


def test_a_hostile_cursor_is_refused_quickly() -> None:
    with pytest.raises(InvalidCursor):
        Place.at(Cursor("rawtrade/0:1," * 200_000))

"""The bounds on clients that ask for the past."""

import asyncio
import threading

import pytest

from domain.errors import NotAllowed
from entrypoints.api.stream.reading import PastReaders, Reading
from tests.waiting import until


class Source:
    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


def test_so_many_read_at_once_and_the_next_wait_in_line_until_one_ends() -> None:
    async def crowd() -> None:
        readers = PastReaders()
        opened = [asyncio.create_task(readers.catch_up(Source)) for _ in range(100)]
        first: list[Reading[Source]] = [await one for one in opened[:16]]
        await asyncio.sleep(0)
        assert [readers.others_wait] == [True]
        assert not any(one.done() for one in opened[16:])
        for reading in first:
            reading.close()
            reading.close()  # closed once all the same
        second = [await one for one in opened[16:32]]
        for one in opened[32:]:
            one.cancel()
        await asyncio.gather(*opened[32:], return_exceptions=True)
        in_line = readers.others_wait
        assert not in_line
        threads = [thread for thread in threading.enumerate() if thread.name.startswith("stream-past")]
        assert len(threads) <= 8
        for reading in second:
            reading.close()
        readers.close()
        for thread in threads:
            await asyncio.to_thread(thread.join, 10)
        assert {one.source.closed for one in first + second} == {1}

    asyncio.run(crowd())


def test_a_source_is_closed_only_after_the_step_in_hand_and_one_that_fails_gives_its_place_back() -> None:
    async def read() -> None:
        readers, going, source = PastReaders(), threading.Event(), Source()
        for _ in range(20):
            with pytest.raises(ValueError, match="no such place"):
                await readers.catch_up(lambda: (_ for _ in ()).throw(ValueError("no such place")))
        reading = await readers.catch_up(lambda: source)
        step = asyncio.create_task(reading.run(lambda: going.wait(10)))
        await asyncio.sleep(0)
        step.cancel()
        reading.close()
        assert not source.closed
        going.set()
        assert await asyncio.to_thread(_until_closed, source)
        readers.close()

    asyncio.run(read())


def _until_closed(source: Source) -> bool:
    return until(lambda: source.closed == 1, seconds=10)


def test_no_more_than_so_many_play_the_past() -> None:
    async def play() -> None:
        readers = PastReaders()
        playing = [await readers.play(Source) for _ in range(50)]
        with pytest.raises(NotAllowed):
            await readers.play(Source)
        playing[0].close()
        await readers.play(Source)
        readers.close()

    asyncio.run(play())

"""How a venue numbers the trades of one pair, when it does not do so contiguously for ever.

A venue may start its ids anew, or jump. Its ids are then used a second time, or leave a hole that no trade was ever in.
So the trades of a pair form lines: within a line ids are contiguous, and what is missing of it was missed. A line whose
ids would collide with those of another is kept under `offset` + the venue's id.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from domain.errors import InvalidValue
from domain.market.continuity import Run, Seen, TradeContinuity
from domain.market.trade import TradeExecuted
from domain.values import EXACT, Side, rfc3339

OFFSET = 10**15  # between two uses of the same ids; readable, and below 2^53 for the first nine
_ROOM = 10**12  # ids that a new line must have free before it
_HIGHEST = 2**63 - 1
_TRADES_PER_S = 1_000  # more than any market has for long; what a pair leaves out beyond it was never there
_AT_ONCE = 100_000
_OUT_OF_ORDER = timedelta(seconds=1)  # venues give times and ids nearly in the same order
_SAME_TIME = timedelta(milliseconds=1)  # one trade's, as a venue's interfaces round it
_SETTLED = 3  # trades, after which a line is believed to go on
_KINDS: dict[Side | None, str] = {Side.BUY: "a buy", Side.SELL: "a sell"}
_EVER = datetime.min.replace(tzinfo=UTC)


def is_same(one: TradeExecuted, other: TradeExecuted) -> bool:
    """Return whether two reports under one id are of one trade. A report may leave out the side."""
    if one.price != other.price or one.volume != other.volume or one.venue != other.venue:
        return False
    if one.side != other.side and one.side is not None and other.side is not None:
        return False
    return abs(one.occurred_at - other.occurred_at) <= _SAME_TIME


def check_same(known: TradeExecuted, other: TradeExecuted) -> None:
    """Raise InvalidValue where two reports under one id are of different trades."""
    if not is_same(known, other):
        raise InvalidValue(
            "trade_id",
            f"{other.event_id} is known as {_content(known)}, and came again as {_content(other)}: "
            "expected one trade under one id; the first stays, so give the other trade an id that is free",
        )


def _content(trade: TradeExecuted) -> str:
    volume, price = (f"{number.normalize(EXACT):f}" for number in (trade.volume, trade.price))
    kind = _KINDS.get(trade.side, "a trade")
    return f"{kind} of {volume} for {price} at {rfc3339(trade.occurred_at)} on {trade.venue}"


@dataclass(slots=True)
class Line:
    """One contiguous line of ids, as stored. `since` is when its first trade was made; for the first line, ever."""

    ids: TradeContinuity
    offset: int = 0
    since: datetime = _EVER
    trades: int = _SETTLED


@dataclass(frozen=True, slots=True)
class Observed:
    """What a trade is: under which id it is kept, the gap it revealed, and why a new line began with it."""

    seen: Seen
    trade_id: int
    gap: Run | None = None
    restart: str | None = None
    before: datetime | None = None  # when the newest trade before it was made


@dataclass(slots=True)
class TradeNumbering:
    """The lines of one pair. `newest` is the time of the latest trade that came in order."""

    lines: list[Line] = field(default_factory=lambda: [Line(TradeContinuity())])
    current: Line = field(init=False)
    newest: datetime | None = None

    def __post_init__(self) -> None:
        self.current = self.lines[-1]

    def goes_on_with(self, trade: TradeExecuted) -> bool:
        """Take note of a trade if its id simply goes on, and is stored as it is."""
        ids = self.current.ids
        if len(self.lines) > 1 or ids.last is None or trade.trade_id != ids.last + 1:
            return False
        ids.last = trade.trade_id
        self.current.trades += 1
        if self.newest is None or trade.occurred_at > self.newest:
            self.newest = trade.occurred_at
        return True

    def remember(self, trade: TradeExecuted) -> None:
        """Take note of a trade that is in the log, under the id that it is stored by."""
        line = self.line_of(trade.trade_id)
        seen, _ = line.ids.observe(trade.trade_id)
        if seen is Seen.NEW and (self.newest is None or trade.occurred_at >= self.newest):
            self.current, self.newest = line, trade.occurred_at

    def remember_restart(self, first: int, line: Line) -> None:
        """Take note of a line that is in the log, from the trade stored as `first` on."""
        if all(known.ids.first != first for known in self.lines):
            line.ids.observe(first)
            self.begin(line)

    def observe(
        self,
        trade: TradeExecuted,
        known: Callable[[int], TradeExecuted | None],
        highest_below: Callable[[int], int | None],
    ) -> Observed:
        """Take note of a trade under its venue's id.

        `known` gives the trade stored under an id, `highest_below` the highest id stored below one: both are asked only
        where ids do not simply go on.
        """
        current = self.current
        ids = current.ids
        number = trade.trade_id + current.offset
        is_late = self.newest is not None and trade.occurred_at < self.newest
        if ids.last is None or (number == ids.last + 1 and not (is_late and len(self.lines) > 1)):
            return self._ahead(current, number, trade)
        lines = sorted(self.lines, key=lambda line: (line.since <= trade.occurred_at, line.since), reverse=True)
        seen_before, another = self._seen_before(trade, lines, known)
        if seen_before is not None:
            return seen_before
        goes_on = self._going_on(trade)
        if goes_on is not None:
            return self._ahead(goes_on, trade.trade_id + goes_on.offset, trade)
        if self._is_new(trade, lines[0], another):
            return self._restart(trade, another, highest_below)
        if another is not None:
            return Observed(Seen.CONFLICT, another.trade_id)
        return Observed(
            Seen.EARLIER, trade.trade_id + lines[0].offset
        )  # before our time, or one that we should have had

    def _seen_before(
        self, trade: TradeExecuted, lines: list[Line], known: Callable[[int], TradeExecuted | None]
    ) -> tuple[Observed | None, TradeExecuted | None]:
        """What a trade is that is missing in a line, or stored; else another one that is stored under its id."""
        another: TradeExecuted | None = None
        for line in lines:
            number = trade.trade_id + line.offset
            held = line.ids.covers(number) and not line.ids.is_missing(number)
            found = known(number) if held else None
            if found is not None and is_same(found, trade):
                return Observed(Seen.DUPLICATE, number), None
            another = another or found
        # Only then gaps: a trade that one line holds may have an id that another line misses.
        for line in lines:
            number = trade.trade_id + line.offset
            if line.ids.is_missing(number):
                line.ids.observe(number)
                return Observed(Seen.FILLS_GAP, number), None
        return None, another

    def begin(self, line: Line) -> None:
        """Add a line, and go on with it."""
        self.lines.append(line)
        self.current = line

    def line_of(self, number: int) -> Line:
        """The line that a stored id lies in."""
        before = [line for line in self.lines if line.ids.first is not None and line.ids.first <= number]
        return max(before, key=lambda line: line.ids.first or 0, default=self.lines[0])

    def _going_on(self, trade: TradeExecuted) -> Line | None:
        """The line whose next trade this can be: the current one, or one that an outlier interrupted."""
        others = [line for line in reversed(self.lines) if line is not self.current]
        if self.current.trades < _SETTLED:
            for line in others:
                if line.ids.last is not None and trade.trade_id + line.offset == line.ids.last + 1:
                    return line
        for line in (self.current, *others):
            last = line.ids.last
            if last is not None and 0 < trade.trade_id + line.offset - last <= self._plausible(trade):
                return line
        return None

    def _is_new(self, trade: TradeExecuted, line: Line, another: TradeExecuted | None) -> bool:
        """Whether a trade that goes on with no line was made after all others, and so begins one."""
        if self.newest is None:
            return False
        if another is not None:
            return trade.occurred_at > self.newest
        if line.ids.last is not None and trade.trade_id + line.offset > line.ids.last:
            return trade.occurred_at >= self.newest
        return trade.occurred_at > self.newest + _OUT_OF_ORDER

    def _plausible(self, trade: TradeExecuted) -> int:
        """By how much ids may have grown since the newest trade."""
        elapsed = (trade.occurred_at - self.newest).total_seconds() if self.newest else 0
        return _AT_ONCE + int(max(elapsed, 0) * _TRADES_PER_S)

    def _ahead(self, line: Line, number: int, trade: TradeExecuted) -> Observed:
        seen, gap = line.ids.observe(number)
        line.trades += 1
        self.current, before = line, self.newest
        if self.newest is None or trade.occurred_at > self.newest:
            self.newest = trade.occurred_at
        return Observed(seen, number, gap, before=before)

    def _restart(
        self, trade: TradeExecuted, another: TradeExecuted | None, highest_below: Callable[[int], int | None]
    ) -> Observed:
        last = (self.current.ids.last or 0) - self.current.offset
        reason = (
            f"trade id {trade.trade_id} came again for another trade"
            if another is not None
            else f"trade ids went from {last} to {trade.trade_id}"
        )
        offset = self._free(trade.trade_id, highest_below)
        if offset is None:
            return Observed(Seen.CONFLICT, trade.trade_id)
        line = Line(TradeContinuity(), offset, trade.occurred_at, trades=0)
        self.begin(line)
        observed = self._ahead(line, trade.trade_id + offset, trade)
        return Observed(observed.seen, observed.trade_id, None, f"{reason}: the venue numbers its trades anew")

    def _free(self, trade_id: int, highest_below: Callable[[int], int | None]) -> int | None:
        """The least offset under which a line from `trade_id` on meets no other; None where there is none in 64 bits."""
        for offset in range(0, _HIGHEST, OFFSET):
            first = trade_id + offset
            if first > _HIGHEST:
                return None
            end = min(first + _ROOM, _HIGHEST)
            stored = highest_below(end)
            if (stored is None or stored < first) and not any(line.ids.meets(first, end) for line in self.lines):
                return offset
        return None

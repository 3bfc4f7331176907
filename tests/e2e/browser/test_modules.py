"""The page's pure modules, called in the browser that runs them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.browser.conftest import OpenDashboard

pytestmark = pytest.mark.browser


def _call(dashboard: OpenDashboard, script: str) -> Any:
    return dashboard().open().page.evaluate(f"(async () => {{ {script} }})()")


def test_numbers_are_written_from_the_decimal_string(dashboard: OpenDashboard) -> None:
    found = _call(
        dashboard,
        """const n = await import('/static/format/number.js');
        return [
            n.decimal('97412.6', 1), n.decimal('0.1', 5), n.decimal('-3', 2),
            n.decimal('12345678901234567890.123456789', 9),
            n.signed('1.845'), n.signed('-0.92'), n.signed('0'), n.quantity('0.0049'), n.quantity('1234.5'),
            n.share(0.99999), n.share(1), n.share(0.57), n.decimals('0.31846'),
        ];""",
    )
    assert found == [
        "97,412.6",
        "0.10000",
        "−3.00",
        "12,345,678,901,234,567,890.123456789",
        "+1.85",
        "−0.92",
        "0.00",
        "0.0049",
        "1,235",
        "99.9",
        "100",
        "57",
        5,
    ]


def test_prices_keep_four_significant_digits_however_small_they_are(dashboard: OpenDashboard) -> None:
    found = _call(
        dashboard,
        """const n = await import('/static/format/number.js');
        const q = await import('/static/market/quotes.js');
        q.learnDigits('PEPE/USD', ['0.00000001224', '0.0000000122']);
        return [
            n.priced('0.00000001224', 2), n.priced('0.000000012260002449', 2), n.priced('98', 0), n.priced('98.4567', 0),
            n.priced('97412.600001', 1), n.priced('0.000000000000000001', 2), n.quantity('0.0049123'), q.digitsOf('PEPE/USD'),
        ];""",
    )
    small = ["0.00000001224", "0.00000001226"]
    assert found == [*small, "98", "98.46", "97,412.6", "0.000000000000000001", "0.004912", 11]


def test_spreads_are_exact(dashboard: OpenDashboard) -> None:
    found = _call(
        dashboard,
        """const e = await import('/static/format/exact.js');
        return [e.difference('0.3', '0.1'), e.difference('97412.6', '97412.7'), e.basisPoints('97412.5', '97412.6'),
            e.basisPoints('0', '0')];""",
    )
    assert found == ["0.2", "-0.1", "0.01", None]


def test_absent_bars_are_blank_and_the_later_row_counts(dashboard: OpenDashboard) -> None:
    found = _call(
        dashboard,
        """const { CandleBook } = await import('/static/market/candle-book.js');
        const row = (minute, close, recorded) => ({
            start: `2026-11-22T10:0${minute}:00Z`, close, recorded_at: `2026-11-22T11:00:0${recorded}Z`,
        });
        const book = new CandleBook(60);
        book.put([row(4, '4', 1), row(1, '1', 1)]);
        const whole = book.takeChange();
        book.put([row(4, '5', 2), row(4, '3', 0)]);
        const tail = book.takeChange();
        book.put([row(2, '2', 1)]);
        const inserted = book.takeChange();
        const closes = (change) => [change.whole, change.bars.map((bar) => bar.row?.close ?? null)];
        return [closes(whole), closes(tail), closes(inserted), closes(book.takeChange())];""",
    )
    assert found == [
        [True, ["1", None, None, "4"]],
        [False, ["5"]],
        [True, ["1", "2", None, "5"]],
        [False, []],
    ]


def test_what_waited_in_a_hidden_tab_is_told_as_that(dashboard: OpenDashboard) -> None:
    """A hidden tab gets no frames: rows wait, and too many candles leave a hole."""
    found = _call(
        dashboard,
        """const { Inbox } = await import('/static/stream/inbox.js');
        const [ask, clock] = [requestAnimationFrame, Date.now];
        let frame;
        const told = [];
        const inbox = new Inbox({
            trades: (rows, seen) => told.push(['trades', rows.length, seen]),
            candles: (rows, missed) => told.push(['candles', rows.length, missed]),
        });
        const visit = (later, trades, candles, timestamp = '2026-11-22T14:05:00Z') => {
            globalThis.requestAnimationFrame = (draw) => { frame = draw; };
            for (let index = 0; index < trades; index++) inbox.put('trades', { event_id: index, timestamp, recorded_at: '2026-11-22T14:05:00.3Z' });
            for (let index = 0; index < candles; index++) inbox.put('candles', { start: index });
            Date.now = () => clock() + later;
            frame(performance.now() + later);
            globalThis.requestAnimationFrame = ask;
            Date.now = clock;
        };
        visit(500, 3, 2);
        visit(800, 3, 0, '2026-11-22T13:05:00Z');
        visit(60_000, 500, 1500);
        visit(61_000, 3, 2);
        return told;""",
    )
    assert found == [
        ["candles", 2, False],
        ["trades", 3, 3],
        ["trades", 3, 0],  # of an hour before: fetched, not seen happen
        ["candles", 1440, True],
        ["trades", 200, None],
        ["candles", 2, False],
        ["trades", 3, None],
    ]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("", ""),
        ("tools-", "tools"),
        ("chart-", "chart"),
        ("account-", "accountWords"),
        ("admin-", "adminWords"),
        ("help-", "help"),
        ("feeds-", "feedWords"),
        ("time-", "time"),
    ],
)
def test_every_language_has_every_word(dashboard: OpenDashboard, file: str, name: str) -> None:
    found = _call(
        dashboard,
        f"const [file, name] = ['{file}', '{name}'];"
        """const en = (await import(`/static/words/${file}en.js`))[name || 'en'];
        const fr = (await import(`/static/words/${file}fr.js`))[name || 'fr'];
        const shape = (value) => value !== null && typeof value === 'object' && !Array.isArray(value)
            ? Object.keys(value).sort().map((key) => [key, shape(value[key])])
            : typeof value;
        return [shape(en), shape(fr), en.keyList?.length, fr.keyList?.length];""",
    )
    assert found[0] == found[1]
    assert found[2] == found[3]


def test_trades_that_nobody_counted_leave_the_rate_to_what_comes(dashboard: OpenDashboard) -> None:
    found = _call(
        dashboard,
        """const t = await import('/static/market/tape-state.js');
        const { now } = await import('/static/format/time.js');
        const { selected } = await import('/static/market/pairs.js');
        const trade = { event_id: 'x', pair: selected.value, timestamp: new Date().toISOString(), price: '1.5', volume: '1', side: 'b', trade_id: 1e9 };
        const rates = [];
        for (const seen of [3000, null, 3000]) {
            t.takeTrades([trade], seen);
            for (const later of [0, 10_000]) {
                now.value = Date.now() + later;
                rates.push(t.rate.value);
            }
        }
        return rates.slice(1);""",
    )
    counted, fresh, nothing, again, far = found
    assert counted > 100
    assert (fresh, nothing) == (None, 0)
    assert again is None
    assert far == pytest.approx(300, rel=0.2)

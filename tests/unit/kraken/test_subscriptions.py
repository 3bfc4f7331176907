"""What no server could be made to say in time: the state machine alone."""

import json

import pytest

from adapters.kraken.backoff import Backoff
from adapters.kraken.config import KrakenConfig
from adapters.kraken.errors import ConnectionLost
from adapters.kraken.messages import Answer, Subscribed
from adapters.kraken.subscriptions import Subscriptions


def started(*pairs: str) -> Subscriptions:
    subscriptions = Subscriptions(KrakenConfig(url="ws://x", pairs=pairs))
    subscriptions.begin(0)
    return subscriptions


def asked(subscriptions: Subscriptions, now: float) -> dict[str, dict[str, object]]:
    """All that is due by `now`: the last request for each channel."""
    requests = {}
    at = now
    while (text := subscriptions.next_request(at)) is not None:
        request = json.loads(text)
        requests[request["params"]["channel"]] = request
        at += 0.05
    return requests


def acked(subscriptions: Subscriptions, channel: str, pair: str, now: float) -> None:
    subscriptions.answered(Answer("subscribe", success=True, result=Subscribed(channel, pair)), now)


def test_requests_are_paced() -> None:
    subscriptions = started("BTC/USD")
    assert subscriptions.next_request(0) is not None
    assert subscriptions.next_request(0.049) is None
    assert subscriptions.next_request(0.05) is not None
    assert subscriptions.next_request(9) is None


def test_an_error_that_names_no_symbol_means_the_request_it_answers() -> None:
    subscriptions = started("BTC/USD", "ETH/USD")
    requests = asked(subscriptions, 0)
    answer = Answer("subscribe", success=False, error="Subscription depth not supported")
    assert subscriptions.answered(answer, 1) == []
    answer.req_id = requests["ticker"]["req_id"]  # type: ignore[assignment]
    rejected = subscriptions.answered(answer, 1)
    assert [(one.channel, one.pair) for one in rejected] == [("ticker", "BTC/USD"), ("ticker", "ETH/USD")]


def test_an_error_that_names_nobody_is_the_reason_when_nothing_is_confirmed() -> None:
    subscriptions = started("BTC/USD")
    asked(subscriptions, 0)
    subscriptions.answered(Answer("subscribe", success=False, error="Public data is elsewhere. Try ws.kraken.com"), 1)
    subscriptions.overdue(11)
    asked(subscriptions, 12)
    with pytest.raises(ConnectionLost, match="within 10 s; it said: Public data is elsewhere"):
        subscriptions.overdue(30)


@pytest.mark.parametrize("error", ["EService:Unavailable", "Exceeded msg rate", "EGeneral:Temporary lockout"])
def test_an_error_that_passes_rejects_nobody(error: str) -> None:
    subscriptions = started("BTC/USD")
    asked(subscriptions, 0)
    assert subscriptions.answered(Answer("subscribe", success=False, error=error, symbol="BTC/USD"), 1) == []
    assert subscriptions.rejected_pairs() == set()


def test_already_subscribed_is_as_good_as_an_acknowledgement() -> None:
    subscriptions = started("BTC/USD")
    asked(subscriptions, 0)
    for _ in range(2):
        answer = Answer("subscribe", success=False, error="Already subscribed", symbol="BTC/USD")
        assert subscriptions.answered(answer, 1) == []
    assert subscriptions.is_connected("BTC/USD")


def test_an_error_without_a_request_id_rejects_one_channel_after_the_other() -> None:
    subscriptions = started("BTC/USD")
    asked(subscriptions, 0)
    answer = Answer("subscribe", success=False, error="no", symbol="BTC/USD")
    assert [one.channel for one in subscriptions.answered(answer, 1)] == ["trade"]
    assert [one.channel for one in subscriptions.answered(answer, 1)] == ["ticker"]
    assert subscriptions.answered(answer, 1) == []


def test_connected_is_when_both_channels_are_confirmed_or_one_brought_data() -> None:
    subscriptions = started("BTC/USD", "ETH/USD")
    asked(subscriptions, 0)
    acked(subscriptions, "trade", "BTC/USD", 1)
    assert not subscriptions.is_connected("BTC/USD")
    acked(subscriptions, "ticker", "BTC/USD", 1)
    assert subscriptions.is_connected("BTC/USD")
    subscriptions.heard("ticker", "ETH/USD")
    assert subscriptions.is_connected("ETH/USD")


def test_answers_for_what_nobody_asked_change_nothing() -> None:
    subscriptions = started("BTC/USD")
    acked(subscriptions, "book", "BTC/USD", 1)
    acked(subscriptions, "trade", "NEW/USD", 1)
    assert not subscriptions.heard("trade", "NEW/USD")
    subscriptions.answered(Answer("unsubscribe", success=False, error="nothing to unsubscribe"), 1)


def test_the_wait_doubles_with_jitter_up_to_the_longest_and_begins_anew_after_data() -> None:
    backoff = Backoff(1, 60)
    waits = [backoff.next() for _ in range(12)]
    for wait, full in zip(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60], strict=True):
        assert full / 2 <= wait <= full
    assert len(set(waits)) == 12
    backoff.reset()
    assert backoff.next() <= 1

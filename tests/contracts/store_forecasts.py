"""What every store must do with forecasts and how they turned out."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.ports.checkpoints import Checkpoint
from application.ports.event_log import BEGINNING
from application.ports.forecast_reads import FORECASTING, KnownForecast
from application.ports.page import InvalidPageCursor, Window
from domain.analytics.forecast import ForecastIssued, ForecastScored
from domain.analytics.skill import Outcome
from tests import strategies
from tests.builders import BTC, ETH, at, forecast, forecast_score
from tests.contracts.store import StoreUnderTest, all_pages
from tests.contracts.store_market import property_of_a_store


def _issue(number: int, **fields: object) -> ForecastIssued:
    """The forecast of a minute, for the next one."""
    minute = 60 * number
    times = {"occurred_at": at(minute), "target_at": at(minute + 60)}
    return forecast(**{"horizon_s": 60, **times, **fields})


def _score(issued: ForecastIssued, **fields: object) -> ForecastScored:
    return forecast_score(issued, **{"occurred_at": issued.target_at, **fields})


def _add(under_test: StoreUnderTest, *events: ForecastIssued | ForecastScored) -> None:
    with under_test.store.begin() as tx:
        tx.add_forecasts(events)


class ForecastContract:
    @property_of_a_store
    @given(
        issued=st.lists(
            strategies.forecasts().map(lambda one: replace(one, served_because="it is the best")),
            max_size=8,
            unique_by=lambda one: one.event_id,
        )
    )
    def test_forecasts_come_back_exactly(self, under_test: StoreUnderTest, issued: list[ForecastIssued]) -> None:
        with under_test.store.begin() as tx:
            tx.clear_read_models()
            tx.add_forecasts(issued)
        models = {one.model for one in issued}
        found = [
            known.issued
            for model in models
            for known in under_test.forecasts.forecasts(Window(limit=1000), model=model).items
        ]
        assert sorted(found, key=lambda one: one.event_id) == sorted(issued, key=lambda one: one.event_id)
        served = [known.issued for known in under_test.forecasts.forecasts(Window(limit=1000)).items]
        assert sorted(served, key=lambda one: one.event_id) == sorted(
            (one for one in issued if one.served), key=lambda one: one.event_id
        )

    def test_a_forecast_has_its_score_once_that_is_known(self, under_test: StoreUnderTest) -> None:
        issued, later = _issue(0), _issue(1)
        score = _score(issued, recorded_at=at(63))
        _add(under_test, issued, later, score)
        _add(under_test, issued, score)  # a second time changes nothing
        read = under_test.forecasts.forecasts
        assert read(Window()).items == [KnownForecast(later), KnownForecast(issued, score)]
        assert read(Window(as_of=at(62))).items == [KnownForecast(later), KnownForecast(issued)]
        assert read(Window(as_of=at(59))).items == [KnownForecast(issued)]

    def test_they_are_found_by_pair_horizon_model_and_time(self, under_test: StoreUnderTest) -> None:
        served, other = _issue(0), _issue(0, model="mix", served=False)
        of_ether, hourly = _issue(1, pair=ETH), _issue(2, horizon_s=3600, target_at=at(3720))
        _add(under_test, served, other, of_ether, hourly)

        def found(window: Window = Window(), **by: object) -> list[ForecastIssued]:  # noqa: B008 - it is frozen
            return [known.issued for known in under_test.forecasts.forecasts(window, **by).items]  # type: ignore[arg-type]

        assert found() == [hourly, of_ether, served]
        assert found(pair=BTC) == [hourly, served]
        assert found(horizon_s=60) == [of_ether, served]
        assert found(pair=BTC, horizon_s=60) == [served]
        assert found(model="mix") == [other]
        assert found(Window(start=at(60), end=at(120))) == [of_ether]

    @pytest.mark.parametrize("by", [{}, {"pair": BTC}, {"pair": BTC, "horizon_s": 60}, {"model": "naive"}])
    def test_pages_together_are_the_whole_list(self, under_test: StoreUnderTest, by: dict[str, object]) -> None:
        events = [_issue(number // 2, pair=pair, model="naive") for number in range(0, 10, 2) for pair in (BTC, ETH)]
        _add(under_test, *events)
        wanted = [one for one in events if one.pair == by.get("pair", one.pair)]
        pages = all_pages(lambda window: under_test.forecasts.forecasts(window, **by), Window(limit=3))  # type: ignore[arg-type]
        order = sorted(wanted, key=lambda one: (one.occurred_at, one.event_id), reverse=True)
        assert [known.issued for page in pages for known in page] == order
        with pytest.raises(InvalidPageCursor):
            under_test.forecasts.forecasts(Window(cursor="x"))

    def test_track_records_are_the_last_scores_of_each_series_and_model(self, under_test: StoreUnderTest) -> None:
        issued = [_issue(number, model=model) for number in range(6) for model in ("naive", "mix")]
        scores = [_score(one, recorded_at=one.target_at + timedelta(seconds=1)) for one in issued]
        of_ether = _issue(0, pair=ETH, horizon_s=300, target_at=at(300), price=Decimal("97000.5"))
        waiting = _issue(7)
        _add(under_test, *issued, *scores, of_ether, waiting, _score(of_ether))
        records = under_test.forecasts.track_records(last=4)
        assert [(one.pair, one.horizon_s, one.model, len(one.outcomes)) for one in records] == [
            (BTC, 60, "mix", 4), (BTC, 60, "naive", 4), (ETH, 300, "naive", 1),
        ]  # fmt: skip
        assert records[0].recorded_at == at(361)
        assert records[2].outcomes == [Outcome(97000.5, 96000, 98000, 97100, 96900, 0.9)]
        assert [one.pair for one in under_test.forecasts.track_records(pair=ETH, last=4)] == [ETH]
        assert [one.horizon_s for one in under_test.forecasts.track_records(horizon_s=300, last=4)] == [300]
        as_of = under_test.forecasts.track_records(pair=BTC, last=500, as_of=at(181))
        assert [(one.model, len(one.outcomes), one.recorded_at) for one in as_of] == [
            ("mix", 3, at(181)),
            ("naive", 3, at(181)),
        ]

    def test_what_the_forecasting_has_noted_is_found_by_pair(self, under_test: StoreUnderTest) -> None:
        with under_test.store.begin() as tx:
            for reader in (f"{FORECASTING}{BTC}", f"{FORECASTING}{ETH}", "store"):
                tx.save_checkpoint(reader, Checkpoint(BEGINNING, f"{{}} {reader}"))
        assert under_test.forecasts.forecasting_states() == {
            BTC: f"{{}} {FORECASTING}{BTC}",
            ETH: f"{{}} {FORECASTING}{ETH}",
        }

"""What the API serves from, made in one place for both profiles."""

from collections.abc import Callable, Mapping
from datetime import datetime

from adapters.kraken.names import canonical
from application.dead_letters import DeadLetterCommands
from entrypoints.api.services import Component, Services
from entrypoints.container import SessionContainer
from entrypoints.outside import own_feeds
from entrypoints.plan import Plan, Plans
from entrypoints.redrive import readers


class Serving:
    """Makes the services for the latest collection plan, and makes them again when the plan changes.

    `health` probes the parts of the process. Safe for several threads.
    """

    def __init__(
        self,
        box: SessionContainer,
        plans: Plans,
        *,
        started_at: datetime,
        health: Callable[[], Mapping[str, Component]],
    ) -> None:
        self._box = box
        self._plans = plans
        self._started_at = started_at
        self._health = health
        self._served: tuple[Plan, Services] | None = None

    def services(self) -> Services:
        """Return the services of the latest plan, the same object until the plan changes."""
        plan = self._plans.latest
        served = self._served
        if served is None or served[0] is not plan:
            served = self._served = plan, self._make(plan)
        return served[1]

    def _make(self, plan: Plan) -> Services:
        box = self._box
        settings, source = box.settings(), box.source()
        return Services(
            origin=source.origin,
            profile=settings.profile,
            started_at=self._started_at,
            pairs=plan.pairs,
            feeds=plan.feeds,
            own_feeds=own_feeds(settings, source),
            feed_interval_s=settings.feed_interval_s,
            canonical_pair=canonical,
            clock=box.clock(),
            event_log=box.event_log(),
            market=box.market_reads(),
            news=box.news_reads(),
            alerts=box.alert_reads(),
            deliveries=box.delivery_reads(),
            delivery_commands=box.delivery_commands(),
            forecasts=box.forecast_reads(),
            sentiment=box.sentiment_reads(),
            commands=box.alert_commands(),
            preview=box.rule_preview(pairs=plan.pairs),
            news_price=box.news_price(pairs=plan.pairs),
            backtests=box.backtests(),
            statistics=box.statistics(pairs=plan.pairs),
            operations=box.operations(),
            dead_letters=box.dead_letter_reads(),
            letters=DeadLetterCommands(box.event_log(), box.dead_letter_reads(), box.clock(), readers(box)),
            tables=box.tables_up_to(),
            health=self._health,
            paused=plan.paused,
            chosen_at=plan.chosen_at,
            pair_names=self._plans.names,
        )

"""The API as an ASGI application. Everything it serves from is handed in."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from litestar import Litestar, Router
from litestar.channels import ChannelsPlugin
from litestar.config.response_cache import ResponseCacheConfig, default_do_cache_predicate
from litestar.di import Provide
from litestar.stores.base import Store
from litestar.types import ControllerRouterHandler, HTTPScope

from entrypoints.api.access.audit import AuditController
from entrypoints.api.access.auditing import auditing, noted_first
from entrypoints.api.access.authentication import authentication, is_still_known
from entrypoints.api.access.keys import ApiKeyController
from entrypoints.api.access.limits import Counts, Limits, OwnCounts, rate_limit
from entrypoints.api.access.sign_in import SessionController, SetupController
from entrypoints.api.access.users import UserController
from entrypoints.api.admin.batches import BatchController
from entrypoints.api.admin.channels import ChannelController, DeliveryController
from entrypoints.api.admin.dead_letters import DeadLetterController
from entrypoints.api.admin.feeds import AdminFeedController
from entrypoints.api.admin.schemas import SchemaController
from entrypoints.api.admin.sources import SourcesController
from entrypoints.api.admin.storage import StorageController
from entrypoints.api.admin.streams import StreamController
from entrypoints.api.admin.topics import TopicController
from entrypoints.api.alerting import AlertController, AlertRuleController, WatchlistController
from entrypoints.api.backtests import BacktestController
from entrypoints.api.config import ConfigController
from entrypoints.api.feeds import FeedController
from entrypoints.api.guards import (
    KnownParameters,
    access_guard,
    command_guard,
    host_guard,
    own_pages_only,
    stream_guard,
)
from entrypoints.api.health import HealthController
from entrypoints.api.house import House
from entrypoints.api.known_then import known_then
from entrypoints.api.market import MarketController
from entrypoints.api.metrics import Meter, metrics_handler, stopwatch
from entrypoints.api.news import NewsController
from entrypoints.api.params import window
from entrypoints.api.predictions import PredictionController
from entrypoints.api.problems import HANDLERS
from entrypoints.api.schema_page import openapi_config
from entrypoints.api.sentiment import SentimentController
from entrypoints.api.services import CurrentServices, Services
from entrypoints.api.statistics import StatisticsController
from entrypoints.api.stream.hub import Hub
from entrypoints.api.stream.outbox import QueueLimits
from entrypoints.api.stream.socket import stream_handler

LARGEST_BODY = 64 * 1024
_THREADS = 40  # as many as the store lends connections: Python's own few would let slow questions hold up all others


def create_app(
    services: CurrentServices,
    meter: Meter,
    house: House,
    *,
    bound_to_loopback: bool,
    public_reads: bool = False,
    pages: Sequence[ControllerRouterHandler] = (),
    queue_limits: QueueLimits | None = None,
    cache: Store | None = None,
    limits: Limits | None = None,
    counts: Counts | None = None,
    channels: ChannelsPlugin | None = None,
    on_startup: Sequence[Callable[[], None]] = (),
) -> Litestar:
    """Build the application.

    `services` is asked at each request, as the session may be swapped while the API serves. `bound_to_loopback` says
    that nobody but this machine reaches the server, so that any other Host must be refused, and reading market data
    needs no account; elsewhere that is so with `public_reads` only. `pages` are served beside the API, outside its
    schema. `cache` keeps answers to reads for a second, for all processes that share it, as they share `counts` of
    requests for the rate limits; through `channels` they tell each other of changes.
    """

    def current_services() -> Services:
        return services()

    def current() -> CurrentServices:
        return services

    def present_house() -> House:
        return house

    limits = limits or Limits()
    hub = Hub(services, meter)
    api = Router(
        "/api/v1",
        route_handlers=[
            HealthController, ConfigController, MarketController, NewsController,
            AlertController, AlertRuleController, WatchlistController, FeedController,
            PredictionController, SentimentController, BacktestController, StatisticsController,
            SessionController, SetupController, UserController, ApiKeyController, AuditController,
            ChannelController, DeliveryController, AdminFeedController, DeadLetterController, SourcesController,
            TopicController, BatchController, SchemaController, StreamController, StorageController,
            stream_handler(
                hub, meter, queue_limits or QueueLimits(), limits.streams, partial(is_still_known, house)
            ),
        ],
        dependencies={
            "services": Provide(current_services, sync_to_thread=False),
            "current": Provide(current, sync_to_thread=False),
            "house": Provide(present_house, sync_to_thread=False),
            "window": Provide(window, sync_to_thread=False),
        },
        guards=[command_guard, stream_guard, KnownParameters(), noted_first(house)],
        before_request=known_then(services),
    )  # fmt: skip
    return Litestar(
        [api, metrics_handler(meter, services), *pages],
        guards=[
            host_guard(bound_to_loopback=bound_to_loopback),
            access_guard(bound_to_loopback=bound_to_loopback, public_reads=public_reads),
        ],
        exception_handlers=HANDLERS,
        middleware=[
            stopwatch,
            own_pages_only,
            auditing(house),
            authentication(house),
            rate_limit(limits, counts or OwnCounts()),
        ],
        on_startup=[_more_threads, *on_startup],
        on_shutdown=[hub.close],
        openapi_config=openapi_config(),
        request_max_body_size=LARGEST_BODY,
        stores={"response_cache": cache} if cache else None,
        response_cache_config=ResponseCacheConfig(
            default_expiration=1, store="response_cache", cache_response_filter=_if_there_is_one(cache)
        ),
        plugins=[channels] if channels else None,
        logging_config=None,
        debug=False,
    )


def _more_threads() -> None:
    """For handlers, and for whoever is looked up before them."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS, thread_name_prefix="api"))


def _if_there_is_one(cache: Store | None) -> Callable[[HTTPScope, int], bool]:
    return default_do_cache_predicate if cache else lambda _scope, _status: False

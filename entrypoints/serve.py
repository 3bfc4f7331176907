"""`cryptoviz run`: the session, the switch from the simulator to Kraken, and the API, in one process."""

import errno
import gc
import signal
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from adapters.kraken.connection import reachable
from adapters.metrics.prometheus import PrometheusTelemetry
from application.courtesy import Courtesy
from entrypoints.api.app import create_app
from entrypoints.api.server import Server, server_config
from entrypoints.api.services import NotReady, Services
from entrypoints.house import HouseContainer, open_house
from entrypoints.session import Session
from entrypoints.settings import Settings
from entrypoints.signals import end_at_hangup
from entrypoints.source import KRAKEN, SIMULATED, Source, source_named
from entrypoints.web.page import page_handlers
from entrypoints.workers.worker import Worker

log = structlog.get_logger(__name__)

_ANSWER_WITHIN_S = 2.5
_TRY_KRAKEN_EVERY_S = 10.0


class Program:
    """Holds the present session. With source `auto` it prefers Kraken, and simulates (saying so) until that answers."""

    def __init__(self, settings: Settings, house: HouseContainer, say: Callable[[str], None]) -> None:
        self.telemetry = PrometheusTelemetry()
        self.courtesy = Courtesy()
        self._settings = settings
        self._house = house
        self._say = say
        self._session: Session | None = None
        self._switch: Worker | None = None
        self._kraken_trouble = ""

    def start(self) -> Source:
        """Start the session; returns what it runs on. Raises what `Session.start` raises."""
        source = source_named(self._settings.source)
        if self._settings.source == "auto":
            reason = reachable(self._settings.kraken_ws_url, _ANSWER_WITHIN_S)
            if reason:
                self._note_trouble(reason)
                self._say(
                    f"Kraken does not answer: {reason.rstrip('?.')}. Showing SIMULATED data, which is not the market; "
                    f"trying Kraken again every {_TRY_KRAKEN_EVERY_S:.0f} s."
                )
                source = SIMULATED
                self._switch = Worker("switch", self._switch_when_kraken_answers)
        session = Session(
            self._settings, source, self.telemetry, channels=self._house.channels(), sources=self._house.sources(),
            house_engine=self._house.engine(),
            standing_in=(lambda: self._kraken_trouble) if self._switch else None,
            give_way=self.courtesy.give_way,
        )  # fmt: skip
        session.start(self._catching_up)
        self._session = session
        self._say(f"Disk: {session.room()}.")
        if self._switch:
            self._switch.start()
        return source

    def stop(self) -> None:
        """End whatever runs."""
        if self._switch:
            self._switch.stop()
        if self._session:
            self._session.stop()

    def services(self) -> Services:
        """The present session's. Raises NotReady before the first."""
        if self._session is None:
            raise NotReady("the session is starting")
        return self._session.services

    def _switch_when_kraken_answers(self, stop: threading.Event) -> None:
        while not stop.wait(_TRY_KRAKEN_EVERY_S):
            reason = reachable(self._settings.kraken_ws_url, _ANSWER_WITHIN_S)
            if reason:
                self._note_trouble(reason)
            else:
                live = Session(
                    self._settings, KRAKEN, self.telemetry,
                    channels=self._house.channels(), sources=self._house.sources(),
                    house_engine=self._house.engine(), give_way=self.courtesy.give_way,
                )  # fmt: skip
                live.start(self._catching_up)
                simulated, self._session = self._session, live
                self._say("Kraken answers: the page shows the live market from now on.")
                if simulated:
                    simulated.stop()
                return

    def _note_trouble(self, reason: str) -> None:
        next_try = datetime.now(UTC) + timedelta(seconds=_TRY_KRAKEN_EVERY_S)
        self._kraken_trouble = f"Kraken does not answer: {reason.rstrip('?.')}. Next try at {next_try:%H:%M:%S} UTC."

    def _catching_up(self, count: int) -> None:
        if count >= 5_000:
            log.info("bringing the store up with the log", records=count)


def serve(settings: Settings, say: Callable[[str], None]) -> None:
    """Run until Ctrl-C or SIGTERM, then stop cleanly.

    Raises OSError when the port is taken, and what `open_house` and `Session.start` raise.
    """
    signal.signal(signal.SIGTERM, _interrupt)  # uvicorn hands on the signal that ended it, and nobody must die of it
    end_at_hangup()
    with open_house(settings) as house, listen(settings.host, settings.port) as listener:
        program = Program(settings, house, say)
        app = create_app(
            program.services, program.telemetry, house.services(),
            bound_to_loopback=settings.on_loopback, public_reads=settings.public_reads,
            pages=page_handlers(opened=program.courtesy.page_opened),
        )  # fmt: skip
        server = server_config(
            app, program.telemetry, host=settings.host, port=settings.port, trusted_proxies=settings.trusted_proxies
        )
        try:
            source = program.start()
            calm_the_collector()
            host = f"[{settings.host}]" if ":" in settings.host else settings.host
            url = f"http://{host}:{listener.getsockname()[1]}"
            say(f"CryptoViz shows {source.words} at {url}/  (Ctrl-C stops it)")
            say_how_to_set_up(house, url, say)
            Server(server, trusted_proxies=settings.trusted_proxies).run(sockets=[listener])
        finally:
            program.stop()


def calm_the_collector() -> None:
    """Keep Python's cycle collector from stopping the stream for 100 ms, as it did every half minute.

    What was made so far stays and need not be looked through; the newest events, which the log keeps in memory, hold no
    cycles, so all objects are looked through a hundred times more seldom. `python -m benchmarks.stream` shows the effect.
    """
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, 1000)


def say_how_to_set_up(house: HouseContainer, url: str, say: Callable[[str], None]) -> None:
    """As long as there is no user, each start gives out a link that makes the first one."""
    token = house.users().new_setup_token()
    if token:
        say(f"Nobody may change anything yet. Make the first user, an admin: {url}/admin#setup={token}")


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError in words when the address cannot be had."""
    try:
        # With its protocol named: asyncio sends without Nagle's delay only where it knows that this is TCP.
        family, kind, protocol, _, _ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        remedy = "choose another --host, an address of this machine"
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            remedy = "choose another --port, or stop what uses it"
        raise OSError(f"cannot serve at {host}:{port} ({error.strerror}): {remedy}") from error
    return listener

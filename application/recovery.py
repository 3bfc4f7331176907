"""Giving a lost or damaged store its streams back from the log, to which every event of an aggregate was relayed."""

from collections.abc import Iterable, Mapping

import structlog

from application.alerting.relay import READER as RELAY
from application.ports.checkpoints import Checkpoint
from application.ports.event_log import Cursor
from application.ports.store import Store, Transaction
from domain.alerting.alert import AlertEvent, fold_alert
from domain.event import Event

log = structlog.get_logger(__name__)

_ALERT = "alert:"
_AT_ONCE = 5_000


def recover_streams(store: Store, relayed: Iterable[Event]) -> int:
    """Append to each stream the events that the log has and it has not; returns how many.

    They are not relayed once more. Raises StoreUnavailable.
    """
    streams: dict[str, dict[str, Event]] = {}
    for event in relayed:
        streams.setdefault(_stream_of(event), {}).setdefault(event.event_id, event)
    with store.begin() as tx:
        all_were_relayed = not tx.after(_relayed_up_to(tx), limit=1)
        recovered = sum(_recover(tx, stream, events) for stream, events in streams.items())
        if recovered and all_were_relayed:
            while events := tx.after(_relayed_up_to(tx), limit=_AT_ONCE):
                tx.save_checkpoint(RELAY, Checkpoint(Cursor(str(events[-1][0]))))
    if recovered:
        log.info("commands were recovered from the log", events=recovered)
    return recovered


def _relayed_up_to(tx: Transaction) -> int:
    checkpoint = tx.checkpoint(RELAY)
    return int(checkpoint.cursor) if checkpoint else 0


def _recover(tx: Transaction, stream: str, relayed: Mapping[str, Event]) -> int:
    known = [event.event_id for event in tx.load(stream)]
    # Events are relayed in their order, so the log has the first ones of a stream, or all.
    if known != list(relayed)[: len(known)]:
        return 0
    missing = list(relayed.values())[len(known) :]
    if not missing:
        return 0
    tx.append(stream, missing, expected_version=len(known))
    if stream.startswith(_ALERT) and (alert := fold_alert(tx.load(stream))):
        tx.put_alerts([alert])
    return len(missing)


def _stream_of(event: Event) -> str:
    return f"{_ALERT}{event.alert_id}" if isinstance(event, AlertEvent) else str(event.key)

"""What a connection to Kraken's WebSocket needs to know."""

from dataclasses import dataclass

from domain.values import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class KrakenConfig:
    """`pairs` are sent as they are: the venue itself refuses what it does not know. Times are in seconds.

    The defaults are Kraken's advice (heartbeat, backoff) and other clients' experience (pace); tests shorten them.
    """

    url: str
    pairs: tuple[str, ...]
    origin: Origin = Origin.LIVE
    connect_timeout_s: float = 10
    heartbeat_deadline_s: float = 5
    """Without any message for so long the connection is given up; Kraken sends a heartbeat once a second."""
    ack_deadline_s: float = 10
    """How long a subscription may stay unconfirmed."""
    snapshot_deadline_s: float = 15
    """How long a confirmed subscription may stay without its snapshot."""
    retry_alone_s: float = 60
    """How often a subscription that stays silent beside live ones is asked for again."""
    maintenance_retry_s: float = 60
    """How long the venue may be in maintenance before we connect anew."""
    first_backoff_s: float = 1
    longest_backoff_s: float = 60
    pairs_per_request: int = 50
    request_interval_s: float = 0.05
    rate_pause_s: float = 1
    """How long to ask for nothing after "Exceeded msg rate"; the interval between requests doubles, too."""

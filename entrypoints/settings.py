"""Settings from the environment (`CRYPTOVIZ_*`), `.env`, or files in `CRYPTOVIZ_SECRETS_DIR`."""

import ipaddress
import os
import re
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import platformdirs
from annotated_types import Ge, Le
from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, DotEnvSettingsSource, NoDecode, SettingsConfigDict

from adapters.kraken.names import canonical
from domain.address import without_secrets
from domain.errors import InvalidValue
from domain.values import Pair

DEFAULT_PAIRS = "BTC/USD,ETH/USD,SOL/USD,ADA/USD,XRP/USD,DOGE/USD,DOT/USD,LINK/USD"
DEFAULT_FEEDS = (
    "CoinDesk=https://www.coindesk.com/arc/outboundfeeds/rss/,Cointelegraph=https://cointelegraph.com/rss,"
    "Decrypt=https://decrypt.co/feed,Bitcoin Magazine=https://bitcoinmagazine.com/feed,"
    "The Block=https://www.theblock.co/rss.xml"
)
PREFIX = "CRYPTOVIZ_"


class InvalidSettings(Exception):
    """One line for each wrong setting: its name, what it is, what was expected."""


def _read_feeds(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    feeds: dict[str, str] = {}
    # A comma separates feeds only where a NAME=URL follows: URLs may hold commas.
    for part in re.split(r",(?=[^,=]+=[a-zA-Z]+://)", value):
        name, _, url = part.strip().partition("=")
        if (
            not name.strip()
            or urlsplit(url.strip()).scheme not in {"http", "https"}
            or not urlsplit(url.strip()).hostname
        ):
            shown = f"{name}={without_secrets(url)}" if url else name
            raise ValueError(f"'{shown[:80]}' is not a feed: expected NAME=URL,NAME=URL with http or https URLs")
        if name.strip() in feeds:
            raise ValueError(f"the feed name '{name.strip()}' stands twice: names must differ")
        feeds[name.strip()] = url.strip()
    return feeds


def _read_pairs(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        pairs = list(dict.fromkeys(canonical(part) for part in value.split(",") if part.strip()))
    except InvalidValue as refused:
        raise ValueError(str(refused)) from None
    if not pairs:
        raise ValueError("expected at least one pair, such as BTC/USD,ETH/USD")
    return pairs


def _read_hosts(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    hosts = [part.strip() for part in value.split(",") if part.strip()]
    for host in hosts:
        if not re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[^\s:/]+):\d{1,5}", host):
            raise ValueError(f"'{host[:80]}' is not host:port, such as 127.0.0.1:8080")
    return hosts


def _read_addresses(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    addresses = [part.strip() for part in value.split(",") if part.strip()]
    for address in addresses:
        try:
            ipaddress.ip_network(address)
        except ValueError:
            raise ValueError(
                f"'{address[:80]}' is not an address or network, such as 127.0.0.1 or 10.0.0.0/8"
            ) from None
    return addresses


class Settings(BaseSettings):
    """All settings. A wrong one is refused with its name and what was expected."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", arbitrary_types_allowed=True,
        secrets_dir=os.environ.get("CRYPTOVIZ_SECRETS_DIR") or None, hide_input_in_errors=True,
    )  # fmt: skip

    profile: Literal["embedded", "cluster"] = "embedded"
    source: str = "auto"
    speed: float = Field(default=1, ge=0, le=1_000_000, allow_inf_nan=False)
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8000, ge=0, le=65535)
    data_dir: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir("cryptoviz")))
    pairs: Annotated[list[Pair], NoDecode, BeforeValidator(_read_pairs)] = Field(
        default_factory=lambda: list(_read_pairs(DEFAULT_PAIRS))
    )
    feeds: Annotated[dict[str, str], NoDecode, BeforeValidator(_read_feeds)] = Field(
        default_factory=lambda: dict(_read_feeds(DEFAULT_FEEDS))
    )
    feed_interval_s: int = Field(default=300, ge=10, le=86_400)
    allow_private_hosts: Annotated[list[str], NoDecode, BeforeValidator(_read_hosts)] = []
    public_reads: bool = False
    trusted_proxies: Annotated[list[str], NoDecode, BeforeValidator(_read_addresses)] = []
    kraken_ws_url: str = "wss://ws.kraken.com/v2"
    kraken_rest_url: str = "https://api.kraken.com"
    kafka_bootstrap_servers: str | None = None
    schema_registry_url: str | None = None
    database_url: str | None = None
    redis_url: str | None = None
    retention: Literal["on", "off"] | None = None
    sentiment_model: Literal["lexicon", "textblob"] = "lexicon"

    @field_validator("source")
    @classmethod
    def _known_source(cls, value: str) -> str:
        if value in {"auto", "kraken", "simulated"} or value.removeprefix("recording:") not in {value, ""}:
            return value
        raise ValueError(f"'{value[:80]}' is not a source: expected auto, kraken, simulated or recording:FILE")

    @field_validator("kraken_ws_url")
    @classmethod
    def _websocket_url(cls, value: str) -> str:
        if urlsplit(value).scheme in {"ws", "wss"} and urlsplit(value).hostname:
            return value
        raise ValueError(f"'{without_secrets(value)[:80]}' is not a WebSocket URL: expected ws://… or wss://…")

    @field_validator("kraken_rest_url")
    @classmethod
    def _http_url(cls, value: str) -> str:
        if urlsplit(value).scheme in {"http", "https"} and urlsplit(value).hostname:
            return value.rstrip("/")
        raise ValueError(f"'{without_secrets(value)[:80]}' is not a web address: expected http://… or https://…")

    @field_validator("kafka_bootstrap_servers")
    @classmethod
    def _kafka_servers(cls, value: str | None) -> str | None:
        for server in (value or "").split(",") if value else ():
            if not re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[^\s:/@]+):\d{1,5}", server.strip()):
                raise ValueError(f"'{server.rpartition('@')[2][:80]}' is not host:port, such as 127.0.0.1:9092")
        return value

    @field_validator("schema_registry_url")
    @classmethod
    def _registry_url(cls, value: str | None) -> str | None:
        return None if value is None else cls._http_url(value)

    @field_validator("database_url")
    @classmethod
    def _postgresql_url(cls, value: str | None) -> str | None:
        # Without the value in the message: it may hold a password.
        if value is None or re.match(r"postgres(ql)?(\+psycopg2)?://", value):
            return value and re.sub(r"^postgres(ql)?(\+psycopg2)?:", "postgresql:", value)
        raise ValueError("not a database URL that is understood: expected postgresql://USER@HOST:PORT/NAME")

    @field_validator("redis_url")
    @classmethod
    def _redis_url(cls, value: str | None) -> str | None:
        if value is None or re.match(r"(rediss?|unix)://", value):
            return value
        raise ValueError("not a Redis URL: expected redis://HOST:PORT/0")

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @model_validator(mode="after")
    def _cluster_has_its_services(self) -> "Settings":
        needed = ("kafka_bootstrap_servers", "schema_registry_url", "database_url")
        missing = [PREFIX + name.upper() for name in needed if getattr(self, name) is None]
        if self.profile == "cluster" and missing:
            raise ValueError(f"the cluster profile needs {', '.join(missing)} too; `cryptoviz start` sets up its own")
        return self

    @property
    def on_loopback(self) -> bool:
        """Whether nobody but who is on this machine reaches the server: it listens there, and no proxy is before it."""
        if self.trusted_proxies:
            return False
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def keeps_everything(self) -> bool:
        """Whether rows stay for ever; not set, that is so in the embedded profile."""
        return (self.retention or ("on" if self.profile == "cluster" else "off")) == "off"

    @property
    def feeds_are_users(self) -> bool:
        """Whether the user chose the feeds: then they are fetched whatever the source is."""
        return "feeds" in self.model_fields_set


def misspelt() -> list[str]:
    """A sentence for each `CRYPTOVIZ_*` of the environment or `.env` that is almost a setting's name, and so does nothing."""
    known = [name.upper() for name in Settings.model_fields]
    sentences = []
    try:
        in_file = {name.upper() for name in DotEnvSettingsSource(Settings).env_vars}
    except (UnicodeDecodeError, OSError):
        in_file = set()  # load_settings says so, to whoever needs settings
    for variable in sorted({*os.environ, *in_file}):
        name = variable.removeprefix(PREFIX)
        # CRYPTOVIZ_*_PORT are ports of services: where containers are set up, not ours.
        if not variable.startswith(PREFIX) or name in known or name.endswith("_PORT"):
            continue
        if near := get_close_matches(name, known, n=1, cutoff=0.8):
            sentences.append(f"{variable} is not a setting and is ignored: did you mean {PREFIX}{near[0]}?")
    return sentences


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; `overrides` (from the command line, None where not given) win.

    Raises InvalidSettings with one line for each wrong setting.
    """
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except UnicodeDecodeError as garbled:
        raise InvalidSettings(f".env is not in UTF-8 (byte {garbled.start + 1}): save it as that") from None
    except ValidationError as invalid:
        raise InvalidSettings("\n".join(_sentence(error) for error in invalid.errors(include_url=False))) from None


def _sentence(error: ErrorDetails) -> str:
    """Which setting, what it is, and what was expected. Of settings that may be secret only validators of our own speak."""
    name = str(error["loc"][0]) if error["loc"] else "profile"
    if error["type"] == "value_error":
        return f"{PREFIX}{name.upper()}: {error['ctx']['error']}"
    expected = error["ctx"]["expected"] if error["type"] == "literal_error" else _expected(Settings.model_fields[name])
    return f"{PREFIX}{name.upper()}: '{str(error['input'])[:80]}' is not understood: expected {expected}"


def _expected(field: FieldInfo) -> str:
    """What a number, a switch or a text may be, in words."""
    limits = {type(limit): limit for limit in field.metadata}
    if Ge in limits and Le in limits:
        kind = "a whole number" if field.annotation is int else "a number"
        return f"{kind} from {limits[Ge].ge:,} to {limits[Le].le:,}"
    return "true or false" if field.annotation is bool else "some text"

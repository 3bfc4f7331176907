"""robots.txt as RFC 9309 has it: which addresses of a host we may read."""

import threading
import time
from collections import OrderedDict
from urllib.parse import unquote, urlsplit

from adapters.web.client import USER_AGENT, Wanted, WebClient
from adapters.web.errors import WebError
from domain.address import without_secrets

_US = USER_AGENT.partition("/")[0].lower()
_WANTED = Wanted("robots.txt", "text/plain")
_LARGEST = 512_000  # bytes; RFC 9309, 2.5 asks for 500 KiB at least
_KEPT_S = 3_600.0  # RFC 9309, 2.4: at most a day
_MOST_HOSTS = 256

Rules = list[tuple[str, bool]]
"""Path patterns with whether they allow."""


def rules_for_us(text: str) -> Rules:
    """The rules of the groups that name us; where none does, of those for everybody."""
    groups: dict[str, Rules] = {}
    agents: list[str] = []
    in_rules = False
    for line in text.splitlines():
        key, _, value = (part.strip() for part in line.partition("#")[0].partition(":"))
        match key.lower():
            case "user-agent":
                agents = [value.lower()] if in_rules else [*agents, value.lower()]
                in_rules = False
                groups.setdefault(value.lower(), [])
            case "allow" | "disallow":
                in_rules = True
                for agent in agents if value else ():
                    groups[agent].append((value, key.lower() == "allow"))
    return groups.get(_US, groups.get("*", []))


def allows(rules: Rules, url: str) -> bool:
    """Whether the longest rule that matches the address allows it; no rule does, too."""
    parts = urlsplit(url)
    path = unquote(parts.path or "/") + (f"?{unquote(parts.query)}" if parts.query else "")
    matching = [(len(pattern), allow) for pattern, allow in rules if _matches(unquote(pattern), path)]
    return max(matching)[1] if matching else True


def _matches(pattern: str, path: str) -> bool:
    # By hand: a regular expression made of a stranger's asterisks can take for ever.
    to_the_end = pattern.endswith("$")
    first, *others = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    place = len(first)
    for number, piece in enumerate(others, 1):
        if to_the_end and number == len(others):
            return path.endswith(piece) and len(path) - len(piece) >= place
        found = path.find(piece, place)
        if found < 0:
            return False
        place = found + len(piece)
    return not to_the_end or place == len(path)


class Robots:
    """Asks each host once an hour. A host without robots.txt allows everything, one that is in trouble nothing."""

    def __init__(self, web: WebClient) -> None:
        self._web = web
        self._known: OrderedDict[str, tuple[float, Rules]] = OrderedDict()
        self._lock = threading.Lock()

    def allow(self, url: str, stop: threading.Event) -> bool:
        """Whether we may read `url`. Raises WebError when its host cannot be asked."""
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise WebError(f"'{without_secrets(url)[:200]}' is not an address that can be fetched") from error
        host = f"{parts.scheme}://{parts.netloc}"
        with self._lock:
            expires, rules = self._known.get(host, (0.0, []))
        if expires < time.monotonic():
            rules = self._fetch(host, stop)
            with self._lock:
                self._known[host] = (time.monotonic() + _KEPT_S, rules)
                self._known.move_to_end(host)
                if len(self._known) > _MOST_HOSTS:
                    self._known.popitem(last=False)
        return allows(rules, url)

    def _fetch(self, host: str, stop: threading.Event) -> Rules:
        try:
            answer = self._web.get(f"{host}/robots.txt", _WANTED, limit=_LARGEST, stop=stop)
        except WebError as error:
            if error.status is not None and 400 <= error.status < 500 and error.status != 429:
                return []
            raise  # RFC 9309, 2.3.1.4: a host in trouble is not to be read at all
        return rules_for_us(answer.body.decode("utf-8", "replace"))

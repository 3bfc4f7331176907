"""What runs under the supervisor, remembered in `session.json`: the source, the endpoints, the settings it began with."""

import json
import re
from dataclasses import asdict, dataclass, field
from typing import Self

from entrypoints.supervise.places import Places, write_private


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One start, until all is stopped.

    `source` is never `auto`: what reaches a shared log must not mix. `endpoints` are those of the services and of the
    API, by the names of their parts; `given` the services that are somebody else's, only probed by us; `containers` the
    Docker Compose project of the services that Docker runs for us. `settings` are the CRYPTOVIZ_* variables that the
    user set, and `directory` where the command ran: later commands from other shells go by them. They may hold
    passwords: the file is readable by its owner alone.
    """

    source: str
    endpoints: dict[str, str]
    directory: str
    given: list[str] = field(default_factory=list)
    containers: str | None = None
    settings: dict[str, str] = field(default_factory=dict)

    def save(self, places: Places) -> None:
        """Remember it."""
        write_private(places.session, json.dumps(asdict(self), indent=2))

    @classmethod
    def load(cls, places: Places) -> Self | None:
        """The session that was last started and not yet stopped; None where there is none."""
        try:
            return cls(**json.loads(places.session.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            raise OSError(f"{places.session} cannot be read ({error}): delete it, and start again") from error

    def forget(self, places: Places) -> None:
        """All is stopped: leave no settings behind."""
        for file in (places.session, places.passfile, *places.programs.glob("*.json"), *places.run.glob("*.json")):
            file.unlink(missing_ok=True)


def without_password(url: str) -> str:
    """The URL as it may be shown."""
    return re.sub(r"(://[^:/@\s]*):[^@/\s]*@", r"\1:***@", url)

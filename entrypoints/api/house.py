"""What the handlers need of the house, handed in: it outlives sessions."""

from dataclasses import dataclass

from application.access.api_keys import ApiKeys
from application.access.audit import Audit
from application.access.sessions import Sessions
from application.access.users import Users
from application.alerting.channels import Channels
from application.sources import SourceCommands


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Who may do what, who did it, where alerts are sent to, and what is collected."""

    users: Users
    sessions: Sessions
    keys: ApiKeys
    audit: Audit
    channels: Channels
    sources: SourceCommands

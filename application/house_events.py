"""Events that outlive sessions: they are kept in the house's event store, and do not go out to a session's log.

In the cluster profile one database holds both, so the relay leaves these out.
"""

from domain.access.audit import CommandAudited
from domain.alerting.channel import ChannelChanged, ChannelCreated, ChannelDeleted
from domain.event import Event
from domain.sources import BackfillAsked, FeedPaused, FeedResumed, SourcesConfigured

HOUSE_EVENTS: tuple[type[Event], ...] = (
    CommandAudited,
    ChannelCreated,
    ChannelChanged,
    ChannelDeleted,
    SourcesConfigured,
    FeedPaused,
    FeedResumed,
    BackfillAsked,
)

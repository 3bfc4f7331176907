"""The house's own tables: who may do what, and who did it. They belong to no source and no session.

In the embedded profile they are filled in the house's database alone; in the cluster one database holds all tables.
"""

from sqlalchemy import Boolean, Column, Index, SmallInteger, Table

from adapters.sql.columns import metadata, text, time, time_or_null, whole

app_user = Table(
    "app_user",
    metadata,
    text("name", key=True),
    text("password_hash"),
    text("role"),
    Column("enabled", Boolean(create_constraint=False), nullable=False),
    time("created_at"),
    time_or_null("last_sign_in_at"),
)

# Tokens and keys are random enough that a plain SHA-256 cannot be searched for what it was made of.
app_session = Table(
    "app_session",
    metadata,
    text("token_hash", key=True),
    text("user_name"),
    time("created_at"),
    time("seen_at"),
    Index("app_session_by_user", "user_name"),
)

api_key = Table(
    "api_key",
    metadata,
    text("key_id", key=True),
    text("key_hash"),
    text("title"),
    text("scopes"),  # separated by spaces, as in OAuth
    text("created_by"),
    time("created_at"),
    time_or_null("last_used_at"),
    time_or_null("expires_at"),
)

# Where users have signed in from: guesses from elsewhere do not keep them out there.
sign_in_network = Table(
    "sign_in_network",
    metadata,
    text("user_name", key=True),
    text("network", key=True),
    time("last_at"),
)

sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    text("subject", key=True),
    whole("failures"),
    time_or_null("locked_until"),
    time("last_at"),
)

setup_token = Table("setup_token", metadata, text("token_hash", key=True), time("created_at"))

# The events stand in the event store; these rows are for looking them up.
audit_entry = Table(
    "audit_entry",
    metadata,
    text("event_id", key=True),
    time("recorded_at"),
    text("actor"),
    text("action"),
    text("target"),
    text("detail"),
    Column("outcome", SmallInteger, nullable=False),
    text("address"),
    Index("audit_entry_by_time", "recorded_at", "event_id"),
    Index("audit_entry_by_actor", "actor", "recorded_at", "event_id"),
    Index("audit_entry_by_action", "action", "recorded_at", "event_id"),
)

HOUSE = (app_user, app_session, api_key, sign_in_network, sign_in_failure, setup_token, audit_entry)

"""What serves people: notifications, accounts and the audit trail."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ACCESS_TABLES = ("audit_entry", "setup_token", "sign_in_failure", "api_key", "app_session", "app_user")
TIME = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def not_null(kind, *names):
    return [sa.Column(name, kind, nullable=False) for name in names]


def nullable(kind, *names):
    return [sa.Column(name, kind, nullable=True) for name in names]


def upgrade():
    make_notification_tables()
    make_access_tables()
    make_operations_tables()


def downgrade():
    for table in ("job_batch", "channel_secret", "delivery", *ACCESS_TABLES):
        op.drop_table(table)


def make_notification_tables():
    op.create_table(
        "delivery",
        *not_null(NAME, "alert_id", "channel_id", "state"),
        *not_null(sa.BigInteger(), "attempts"),
        *nullable(NAME, "last_error"),
        *nullable(TIME, "next_try_at"),
        *not_null(TIME, "created_at"),
        *nullable(TIME, "sent_at"),
        sa.PrimaryKeyConstraint("alert_id", "channel_id", name="delivery_pkey"),
    )
    op.create_index("delivery_by_time", "delivery", ["created_at", "alert_id", "channel_id"])
    op.create_index("delivery_by_turn", "delivery", ["state", "next_try_at", "channel_id"])
    op.create_table(
        "channel_secret",
        *not_null(NAME, "channel_id", "secret"),
        sa.PrimaryKeyConstraint("channel_id", name="channel_secret_pkey"),
    )


def make_access_tables():
    op.create_table(
        "app_user",
        *not_null(NAME, "name", "password_hash", "role"),
        *not_null(sa.Boolean(), "enabled"),
        *not_null(TIME, "created_at"),
        *nullable(TIME, "last_sign_in_at"),
        sa.PrimaryKeyConstraint("name", name="app_user_pkey"),
    )
    op.create_table(
        "app_session",
        *not_null(NAME, "token_hash", "user_name"),
        *not_null(TIME, "created_at", "seen_at"),
        sa.PrimaryKeyConstraint("token_hash", name="app_session_pkey"),
    )
    op.create_index("app_session_by_user", "app_session", ["user_name"])
    op.create_table(
        "api_key",
        *not_null(NAME, "key_id", "key_hash", "title", "scopes", "created_by"),
        *not_null(TIME, "created_at"),
        *nullable(TIME, "last_used_at", "expires_at"),
        sa.PrimaryKeyConstraint("key_id", name="api_key_pkey"),
    )
    op.create_table(
        "sign_in_failure",
        *not_null(NAME, "subject"),
        *not_null(sa.BigInteger(), "failures"),
        *nullable(TIME, "locked_until"),
        *not_null(TIME, "last_at"),
        sa.PrimaryKeyConstraint("subject", name="sign_in_failure_pkey"),
    )
    op.create_table(
        "setup_token",
        *not_null(NAME, "token_hash"),
        *not_null(TIME, "created_at"),
        sa.PrimaryKeyConstraint("token_hash", name="setup_token_pkey"),
    )
    op.create_table(
        "audit_entry",
        *not_null(NAME, "event_id"),
        *not_null(TIME, "recorded_at"),
        *not_null(NAME, "actor", "action", "target", "detail"),
        *not_null(sa.SmallInteger(), "outcome"),
        *not_null(NAME, "address"),
        sa.PrimaryKeyConstraint("event_id", name="audit_entry_pkey"),
    )
    op.create_index("audit_entry_by_time", "audit_entry", ["recorded_at", "event_id"])
    for column in ("actor", "action"):
        op.create_index(f"audit_entry_by_{column}", "audit_entry", [column, "recorded_at", "event_id"])


def make_operations_tables():
    op.create_table(
        "job_batch",
        *not_null(NAME, "job"),
        *not_null(sa.BigInteger(), "batch_id"),
        *not_null(TIME, "started_at"),
        *not_null(sa.BigInteger(), "duration_ms", "rows"),
        sa.PrimaryKeyConstraint("job", "batch_id", name="job_batch_pkey"),
    )
    op.create_index("job_batch_by_time", "job_batch", ["started_at", "job", "batch_id"])

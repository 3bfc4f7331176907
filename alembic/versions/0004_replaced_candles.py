"""The venue's own candles that candles of trades took the place of: what was known before."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
DECIMAL = sa.Text().with_variant(sa.Numeric(38, 18), "postgresql")
WIDE_DECIMAL = sa.Text().with_variant(sa.Numeric(), "postgresql")


def not_null(kind, *names):
    return [sa.Column(name, kind, nullable=False) for name in names]


def upgrade():
    op.create_table(
        "replaced_candle",
        *not_null(NAME, "pair", "interval"),
        *not_null(TIME, "start", "recorded_at"),
        *not_null(DECIMAL, "open", "high", "low", "close", "volume", "buy_volume", "sell_volume"),
        sa.Column("turnover", WIDE_DECIMAL, nullable=True),
        *not_null(sa.BigInteger(), "trades"),
        *not_null(TIME, "opened_at"),
        *not_null(sa.BigInteger(), "opened_id"),
        *not_null(TIME, "closed_at"),
        *not_null(sa.BigInteger(), "closed_id"),
        *not_null(sa.SmallInteger(), "source"),
        *not_null(NAME, "origin"),
        sa.PrimaryKeyConstraint("pair", "interval", "start", "recorded_at", name="replaced_candle_pkey"),
        sqlite_with_rowid=False,
    )


def downgrade():
    op.drop_table("replaced_candle")

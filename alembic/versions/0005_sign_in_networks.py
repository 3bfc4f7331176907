"""Where users have signed in from: guesses from elsewhere do not keep them out there."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade():
    op.create_table(
        "sign_in_network",
        sa.Column("user_name", NAME, nullable=False),
        sa.Column("network", NAME, nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("user_name", "network", name="sign_in_network_pkey"),
    )


def downgrade():
    op.drop_table("sign_in_network")

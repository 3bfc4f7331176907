"""The last report of each process of the cluster."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade():
    op.create_table(
        "process_report",
        sa.Column("name", NAME, nullable=False),
        sa.Column("instance", NAME, nullable=False),
        sa.Column("version", NAME, nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("parts", NAME, nullable=False),
        sa.PrimaryKeyConstraint("name", "instance", name="process_report_pkey"),
    )


def downgrade():
    op.drop_table("process_report")

"""Dead letters say which reader failed, and where in the code."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade():
    op.add_column("dead_letter", sa.Column("reader", NAME, nullable=True))
    op.add_column("dead_letter", sa.Column("location", NAME, nullable=True))


def downgrade():
    op.drop_column("dead_letter", "location")
    op.drop_column("dead_letter", "reader")

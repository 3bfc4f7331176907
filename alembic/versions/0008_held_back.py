"""How often a rule saw something without raising an alert, told by the next one."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("alert_data", sa.Column("held_back", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade():
    op.drop_column("alert_data", "held_back")

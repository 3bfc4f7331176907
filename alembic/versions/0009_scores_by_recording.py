"""Scores by when they were made: what was known at a time is asked by it."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index("sentiment_data_by_recording", "sentiment_data", ["recorded_at"])


def downgrade():
    op.drop_index("sentiment_data_by_recording", table_name="sentiment_data")

"""Later versions of articles, published again with other words or completed; how many entries of a feed are left out."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
COLUMNS = {
    "first_id": NAME,
    "event": NAME,
    "revision": sa.BigInteger(),
    "first_recorded_at": TIME,
    "superseded_at": TIME,
}


def upgrade():
    for name, kind in COLUMNS.items():
        op.add_column("article_data", sa.Column(name, kind, nullable=True))
    op.add_column("feed_data", sa.Column("left_out", sa.BigInteger(), nullable=True))
    op.create_index("article_data_by_first", "article_data", ["first_id"])


def downgrade():
    op.drop_column("feed_data", "left_out")
    op.drop_index("article_data_by_first", "article_data")
    op.execute("DELETE FROM article_data WHERE first_id IS NOT NULL")
    for name in reversed(COLUMNS):
        op.drop_column("article_data", name)

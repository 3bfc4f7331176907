"""What analytics adds to the tables: who bought and sold, which forecast is served, what an alert saw."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

DECIMAL = sa.Text().with_variant(sa.Numeric(38, 18), "postgresql")


def upgrade():
    # Of candles stored before, the sides of no volume are known: a rebuild counts them where trades are kept.
    for side in ("buy_volume", "sell_volume"):
        op.add_column("candle_data", sa.Column(side, DECIMAL, nullable=False, server_default="0"))
    op.add_column("prediction_data", sa.Column("served", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.drop_index("prediction_data_by_pair", "prediction_data")
    op.create_index("prediction_data_by_pair", "prediction_data", ["pair", "issued_at", "event_id"])
    op.create_index("prediction_data_by_time", "prediction_data", ["issued_at", "event_id"])
    op.create_index("prediction_data_by_horizon", "prediction_data", ["pair", "horizon_s", "issued_at", "event_id"])
    for measure in ("observed", "usual"):
        op.add_column("alert_data", sa.Column(measure, DECIMAL, nullable=True))
    op.create_index("article_data_by_recording", "article_data", ["recorded_at", "article_id"])


def downgrade():
    op.drop_index("article_data_by_recording", "article_data")
    for measure in ("observed", "usual"):
        op.drop_column("alert_data", measure)
    op.drop_index("prediction_data_by_horizon", "prediction_data")
    op.drop_index("prediction_data_by_time", "prediction_data")
    op.drop_index("prediction_data_by_pair", "prediction_data")
    op.create_index("prediction_data_by_pair", "prediction_data", ["pair", "target_at"])
    op.drop_column("prediction_data", "served")
    for side in ("sell_volume", "buy_volume"):
        op.drop_column("candle_data", side)

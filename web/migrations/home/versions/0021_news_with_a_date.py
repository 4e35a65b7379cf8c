"""news may announce something that has a date"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("news_item", schema=None) as batch_op:
        batch_op.add_column(sa.Column("begins_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("place", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("called_off", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("news_item", schema=None) as batch_op:
        batch_op.drop_column("called_off")
        batch_op.drop_column("place")
        batch_op.drop_column("ends_at")
        batch_op.drop_column("begins_at")

"""which inboxes an object was ever tried at: deliveries alone do not remember it"""

from alembic import op
import sqlalchemy as sa

revision = '0011'
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('exposure', schema=None) as batch_op:
        batch_op.add_column(sa.Column('tried_at', sa.DateTime(timezone=True), nullable=True))
    # Rows that would tell may be gone by now: to ask somebody who never had it is better than not to ask who has.
    op.execute("UPDATE exposure SET tried_at = first_at")


def downgrade() -> None:
    with op.batch_alter_table('exposure', schema=None) as batch_op:
        batch_op.drop_column('tried_at')

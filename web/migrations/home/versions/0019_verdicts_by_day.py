"""verdicts by day"""

from alembic import op

revision = '0019'
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_verdict_decided_at"), "verdict", ["decided_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_verdict_decided_at"), table_name="verdict")

"""the erasure ledger"""

from alembic import op

revision = '0005'
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_document_state_id", "document", ["state", "id"])


def downgrade() -> None:
    op.drop_index("ix_document_state_id", table_name="document")

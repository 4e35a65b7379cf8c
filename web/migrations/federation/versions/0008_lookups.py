"""somebody elsewhere is looked up before being followed; marketplaces"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lookup",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("own_username", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=1000), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("found", sa.JSON(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lookup")),
        sa.UniqueConstraint("key", name=op.f("uq_lookup_key")),
    )
    with op.batch_alter_table("lookup", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lookup_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_lookup_own_username"), ["own_username"], unique=False)
        batch_op.create_index("ix_lookup_state_id", ["state", "id"], unique=False)


    with op.batch_alter_table('peer', schema=None) as batch_op:
        batch_op.add_column(sa.Column('market', sa.String(length=16), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('peer', schema=None) as batch_op:
        batch_op.drop_column('market')

    op.drop_table("lookup")

"""outlines of quarters: ours as they are shown, and which of theirs lie beside ours"""

from alembic import op
import sqlalchemy as sa

revision = '0010'
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('own_outline',
    sa.Column('username', sa.String(length=64), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('wkt', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('username', name=op.f('pk_own_outline'))
    )
    op.create_table('their_outlines',
    sa.Column('host', sa.String(length=261), nullable=False),
    sa.Column('shown', sa.Integer(), nullable=False),
    sa.Column('near', sa.JSON(), nullable=False),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('host', name=op.f('pk_their_outlines'))
    )


def downgrade() -> None:
    op.drop_table('their_outlines')
    op.drop_table('own_outline')

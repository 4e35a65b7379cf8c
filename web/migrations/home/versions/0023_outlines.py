"""outlines of quarters"""

from alembic import op
import sqlalchemy as sa

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('outline',
    sa.Column('quarter_id', sa.BigInteger(), nullable=False),
    sa.Column('wkt', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['quarter_id'], ['quarter.id'], name=op.f('fk_outline_quarter_id_quarter')),
    sa.PrimaryKeyConstraint('quarter_id', name=op.f('pk_outline'))
    )


def downgrade() -> None:
    op.drop_table('outline')

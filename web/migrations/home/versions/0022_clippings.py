"""pictures of notices from other towns"""

from alembic import op
import sqlalchemy as sa

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('clipping',
    sa.Column('notice_id', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('alt', sa.String(length=1500), nullable=True),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('public_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['notice_id'], ['notice.id'], name=op.f('fk_clipping_notice_id_notice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clipping')),
    sa.UniqueConstraint('public_id', name=op.f('uq_clipping_public_id'))
    )
    with op.batch_alter_table('clipping', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_clipping_notice_id'), ['notice_id'], unique=False)


def downgrade() -> None:
    op.drop_table('clipping')

"""moves of those we follow, and lists of followers compared"""

from alembic import op
import sqlalchemy as sa

revision = '0007'
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('relocation',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('old_uri', sa.String(length=1000), nullable=False),
    sa.Column('new_uri', sa.String(length=1000), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_relocation'))
    )
    with op.batch_alter_table('relocation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_relocation_new_uri'), ['new_uri'], unique=False)
        batch_op.create_index(batch_op.f('ix_relocation_old_uri'), ['old_uri'], unique=False)

    op.create_table('comparison',
    sa.Column('actor_uri', sa.String(length=1000), nullable=False),
    sa.Column('url', sa.String(length=1000), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('actor_uri', name=op.f('pk_comparison'))
    )
    with op.batch_alter_table('comparison', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_comparison_due_at'), ['due_at'], unique=False)

    op.create_table('strange_key',
    sa.Column('host', sa.String(length=261), nullable=False),
    sa.Column('key_id', sa.String(length=1000), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('host', name=op.f('pk_strange_key'))
    )
    with op.batch_alter_table('activity', schema=None) as batch_op:
        batch_op.add_column(sa.Column('to_followers', sa.Boolean(), server_default=sa.false(), nullable=False))

def downgrade() -> None:
    with op.batch_alter_table('activity', schema=None) as batch_op:
        batch_op.drop_column('to_followers')

    op.drop_table('strange_key')
    with op.batch_alter_table('comparison', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_comparison_due_at'))

    op.drop_table('comparison')
    with op.batch_alter_table('relocation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_relocation_old_uri'))
        batch_op.drop_index(batch_op.f('ix_relocation_new_uri'))

    op.drop_table('relocation')

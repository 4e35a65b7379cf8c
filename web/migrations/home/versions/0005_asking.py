"""requests say what they are for, and widen"""

from alembic import op
import sqlalchemy as sa

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('widening',
    sa.Column('listing_id', sa.BigInteger(), nullable=False),
    sa.Column('pace', sa.String(length=10), nullable=False),
    sa.Column('ring', sa.Integer(), nullable=False),
    sa.Column('furthest', sa.Integer(), nullable=False),
    sa.Column('byline', sa.String(length=60), nullable=True),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('public_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id'], name=op.f('fk_widening_listing_id_listing')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_widening')),
    sa.UniqueConstraint('listing_id', name=op.f('uq_widening_listing_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_widening_public_id'))
    )
    with op.batch_alter_table('widening', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_widening_next_at'), ['next_at'], unique=False)

    with op.batch_alter_table('listing', schema=None) as batch_op:
        batch_op.add_column(sa.Column('need', sa.String(length=12), nullable=True))

    # Requests that hang already are about something else, as far as anybody knows; they keep their day.
    listing = sa.table('listing', sa.column('id'), sa.column('need'), sa.column('direction'))
    notice = sa.table('notice', sa.column('id'), sa.column('origin_uri'))
    ours = sa.select(notice.c.id).where(notice.c.origin_uri.is_(None))
    op.execute(
        listing.update().where(listing.c.direction == 'request', listing.c.id.in_(ours)).values(need='other')
    )


def downgrade() -> None:
    with op.batch_alter_table('listing', schema=None) as batch_op:
        batch_op.drop_column('need')

    with op.batch_alter_table('widening', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_widening_next_at'))

    op.drop_table('widening')

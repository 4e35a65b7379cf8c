"""proofs of who lives where, and words that newcomers read out"""

import uuid
from datetime import UTC, datetime

from alembic import op
import sqlalchemy as sa

revision = '0009_joining'
down_revision = '0008'
branch_labels = None
depends_on = None

AT_ONCE = 500


def upgrade() -> None:
    op.create_table('introduction',
    sa.Column('resident_id', sa.BigInteger(), nullable=False),
    sa.Column('lot_number', sa.String(length=12), nullable=False),
    sa.Column('drawn', sa.Integer(), nullable=False),
    sa.Column('word_hash', sa.String(length=64), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('public_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_introduction_resident_id_resident')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_introduction')),
    sa.UniqueConstraint('public_id', name=op.f('uq_introduction_public_id')),
    sa.UniqueConstraint('resident_id', name=op.f('uq_introduction_resident_id')),
    sa.UniqueConstraint('word_hash', name=op.f('uq_introduction_word_hash'))
    )
    with op.batch_alter_table('introduction', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_introduction_expires_at'), ['expires_at'], unique=False)

    proof = op.create_table('proof',
    sa.Column('resident_id', sa.BigInteger(), nullable=False),
    sa.Column('lot_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('by_id', sa.BigInteger(), nullable=True),
    sa.Column('household_id', sa.BigInteger(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('public_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['resident.id'], name=op.f('fk_proof_by_id_resident')),
    sa.ForeignKeyConstraint(['household_id'], ['lot.id'], name=op.f('fk_proof_household_id_lot')),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_proof_lot_id_lot')),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_proof_resident_id_resident')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proof')),
    sa.UniqueConstraint('public_id', name=op.f('uq_proof_public_id'))
    )
    with op.batch_alter_table('proof', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proof_by_id'), ['by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_proof_lot_id'), ['lot_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_proof_resident_id'), ['resident_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_proof_revoked_at'), ['revoked_at'], unique=False)
        batch_op.create_index('uq_proof_standing', ['resident_id', 'lot_id', 'kind', 'by_id'], unique=True, sqlite_where=sa.text('revoked_at IS NULL'), postgresql_where=sa.text('revoked_at IS NULL'))

    op.create_table('relay',
    sa.Column('listing_id', sa.BigInteger(), nullable=False),
    sa.Column('by_id', sa.BigInteger(), nullable=False),
    sa.Column('agreed_on', sa.Date(), nullable=False),
    sa.Column('how', sa.String(length=200), nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('public_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['resident.id'], name=op.f('fk_relay_by_id_resident')),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id'], name=op.f('fk_relay_listing_id_listing')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_relay')),
    sa.UniqueConstraint('listing_id', name=op.f('uq_relay_listing_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_relay_public_id'))
    )
    with op.batch_alter_table('relay', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_relay_by_id'), ['by_id'], unique=False)

    with op.batch_alter_table('occupancy', schema=None) as batch_op:
        batch_op.add_column(sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True))

    _by_letter(proof)


def _by_letter(proof: sa.Table) -> None:
    """Whoever lives here joined by a letter, the only way there was: the proof is as old as the home.

    The id of the home is free among proofs, and keeps their order.
    """
    home = sa.table('occupancy', sa.column('id', sa.BigInteger), sa.column('resident_id', sa.BigInteger),
                    sa.column('lot_id', sa.BigInteger), sa.column('created_at', sa.DateTime(timezone=True)))
    bind = op.get_bind()
    last = 0
    while rows := bind.execute(sa.select(home).where(home.c.id > last).order_by(home.c.id).limit(AT_ONCE)).all():
        last = rows[-1].id
        bind.execute(proof.insert(), [
            {'id': one.id, 'public_id': uuid.uuid4(), 'created_at': _aware(one.created_at), 'kind': 'letter',
             'resident_id': one.resident_id, 'lot_id': one.lot_id}
            for one in rows
        ])


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def downgrade() -> None:
    with op.batch_alter_table('relay', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_relay_by_id'))

    op.drop_table('relay')
    with op.batch_alter_table('occupancy', schema=None) as batch_op:
        batch_op.drop_column('asked_at')

    with op.batch_alter_table('proof', schema=None) as batch_op:
        batch_op.drop_index('uq_proof_standing', sqlite_where=sa.text('revoked_at IS NULL'), postgresql_where=sa.text('revoked_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_proof_revoked_at'))
        batch_op.drop_index(batch_op.f('ix_proof_resident_id'))
        batch_op.drop_index(batch_op.f('ix_proof_lot_id'))
        batch_op.drop_index(batch_op.f('ix_proof_by_id'))

    op.drop_table('proof')
    with op.batch_alter_table('introduction', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_introduction_expires_at'))

    op.drop_table('introduction')

"""photographs of how a lent thing was, and thanks as rows of their own"""

import uuid

from alembic import op
import sqlalchemy as sa

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

LOAN = sa.table(
    'loan',
    sa.column('id', sa.BigInteger()),
    sa.column('moved_at', sa.DateTime(timezone=True)),
    sa.column('lender_thanks', sa.String()),
    sa.column('borrower_thanks', sa.String()),
)
THANKS = sa.table(
    'thanks',
    sa.column('id', sa.BigInteger()),
    sa.column('public_id', sa.Uuid()),
    sa.column('created_at', sa.DateTime(timezone=True)),
    sa.column('loan_id', sa.BigInteger()),
    sa.column('side', sa.String()),
    sa.column('words', sa.String()),
)


def upgrade() -> None:
    op.create_table('condition',
    sa.Column('loan_id', sa.BigInteger(), nullable=False),
    sa.Column('side', sa.String(length=10), nullable=False),
    sa.Column('moment', sa.String(length=10), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('words', sa.String(length=120), nullable=True),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('public_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['loan_id'], ['loan.id'], name=op.f('fk_condition_loan_id_loan')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_condition')),
    sa.UniqueConstraint('loan_id', 'side', 'moment', 'position', name=op.f('uq_condition_loan_id_side_moment_position')),
    sa.UniqueConstraint('public_id', name=op.f('uq_condition_public_id'))
    )
    op.create_table('thanks',
    sa.Column('loan_id', sa.BigInteger(), nullable=False),
    sa.Column('side', sa.String(length=10), nullable=False),
    sa.Column('words', sa.String(length=200), nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('public_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['loan_id'], ['loan.id'], name=op.f('fk_thanks_loan_id_loan')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_thanks')),
    sa.UniqueConstraint('loan_id', 'side', name=op.f('uq_thanks_loan_id_side')),
    sa.UniqueConstraint('public_id', name=op.f('uq_thanks_public_id'))
    )
    _into_rows()
    # One by one, and no new table: the indexes over what is held stay as they are.
    op.drop_column('loan', 'lender_thanks')
    op.drop_column('loan', 'borrower_thanks')


def _into_rows() -> None:
    """What was said already keeps its words and its loan; its moment is when the thing was back."""
    store, last = op.get_bind(), 0
    for loan in store.execute(sa.select(LOAN).order_by(LOAN.c.id)).all():
        for side, words in (('lender', loan.lender_thanks), ('borrower', loan.borrower_thanks)):
            if words is None:
                continue
            last = max(last + 1, loan.id)
            row = {'id': last, 'public_id': uuid.uuid4(), 'created_at': loan.moved_at}
            store.execute(sa.insert(THANKS).values(loan_id=loan.id, side=side, words=words, **row))


def downgrade() -> None:
    op.add_column('loan', sa.Column('lender_thanks', sa.String(length=200), nullable=True))
    op.add_column('loan', sa.Column('borrower_thanks', sa.String(length=200), nullable=True))
    store = op.get_bind()
    for said in store.execute(sa.select(THANKS)).all():
        store.execute(sa.update(LOAN).where(LOAN.c.id == said.loan_id).values({f'{said.side}_thanks': said.words}))
    op.drop_table('thanks')
    op.drop_table('condition')

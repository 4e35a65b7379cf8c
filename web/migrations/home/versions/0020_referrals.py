"""reports passed on to other towns"""

from alembic import op
import sqlalchemy as sa

revision = '0020'
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('referral',
    sa.Column('report_id', sa.BigInteger(), nullable=False),
    sa.Column('host', sa.String(length=255), nullable=False),
    sa.Column('actor_uri', sa.String(length=1000), nullable=False),
    sa.Column('object_uri', sa.String(length=1000), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('public_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['report_id'], ['report.id'], name=op.f('fk_referral_report_id_report')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_referral')),
    sa.UniqueConstraint('public_id', name=op.f('uq_referral_public_id')),
    sa.UniqueConstraint('report_id', name=op.f('uq_referral_report_id'))
    )


def downgrade() -> None:
    op.drop_table('referral')

"""what may have been missed: heartbeat, outboxes to be read, actors said to be gone; pictures of others"""

from alembic import op
import sqlalchemy as sa

revision = '0009'
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('doubt',
    sa.Column('actor_uri', sa.String(length=1000), nullable=False),
    sa.Column('cause', sa.String(length=16), nullable=False),
    sa.Column('raised_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('verdict', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('actor_uri', name=op.f('pk_doubt'))
    )
    op.create_index('ix_doubt_due_at', 'doubt', ['due_at'], unique=False)
    op.create_table('heartbeat',
    sa.Column('name', sa.String(length=16), nullable=False),
    sa.Column('beat_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('away_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('back_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_heartbeat'))
    )
    op.create_table('outbox_reading',
    sa.Column('actor_uri', sa.String(length=1000), nullable=False),
    sa.Column('host', sa.String(length=261), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('found', sa.Integer(), nullable=False),
    sa.Column('was_cut', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('actor_uri', name=op.f('pk_outbox_reading'))
    )
    op.create_index('ix_outbox_reading_due_at', 'outbox_reading', ['due_at'], unique=False)
    op.create_index('ix_outbox_reading_host', 'outbox_reading', ['host'], unique=False)
    op.create_table('remote_picture',
    sa.Column('uuid', sa.Uuid(), nullable=False),
    sa.Column('object_uri', sa.String(length=1000), nullable=False),
    sa.Column('url', sa.String(length=1000), nullable=False),
    sa.Column('host', sa.String(length=261), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('alt', sa.Text(), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tried_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('big', sa.LargeBinary(), nullable=True),
    sa.Column('small', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('uuid', name=op.f('pk_remote_picture')),
    sa.UniqueConstraint('object_uri', 'url', name=op.f('uq_remote_picture_object_uri_url'))
    )
    op.create_index('ix_remote_picture_state_due_at', 'remote_picture', ['state', 'due_at'], unique=False)
    op.create_index('ix_remote_picture_host_tried_at', 'remote_picture', ['host', 'tried_at'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_remote_picture_host_tried_at', table_name='remote_picture')
    op.drop_index('ix_remote_picture_state_due_at', table_name='remote_picture')
    op.drop_table('remote_picture')
    op.drop_index('ix_outbox_reading_host', table_name='outbox_reading')
    op.drop_index('ix_outbox_reading_due_at', table_name='outbox_reading')
    op.drop_table('outbox_reading')
    op.drop_table('heartbeat')
    op.drop_index('ix_doubt_due_at', table_name='doubt')
    op.drop_table('doubt')

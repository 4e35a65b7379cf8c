"""what notices are found by: words, an index of them, and searches that are kept"""

from datetime import UTC, datetime
from typing import Any

from alembic import op
import sqlalchemy as sa

from instance import stems

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

BATCH = 1000

SQLITE = (
    "CREATE VIEW notice_hanging AS SELECT id, ':' || circle AS circle, search_text FROM notice WHERE state = 'live'",
    "CREATE VIRTUAL TABLE notice_words USING fts5(circle, search_text, content='notice_hanging', content_rowid='id',"
    " tokenize=\"ascii tokenchars ':'\", detail='none', columnsize=0, prefix='3 4 5 6 7')",
    "CREATE TRIGGER notice_words_hung AFTER INSERT ON notice BEGIN INSERT INTO notice_words (rowid, circle, search_text) SELECT new.id, ':' || new.circle, new.search_text WHERE new.state = 'live'; END",
    "CREATE TRIGGER notice_words_gone AFTER DELETE ON notice BEGIN INSERT INTO notice_words (notice_words, rowid, circle, search_text) SELECT 'delete', old.id, ':' || old.circle, old.search_text WHERE old.state = 'live'; END",
    "CREATE TRIGGER notice_words_changed AFTER UPDATE OF id, state, circle, search_text ON notice BEGIN INSERT INTO notice_words (notice_words, rowid, circle, search_text) SELECT 'delete', old.id, ':' || old.circle, old.search_text WHERE old.state = 'live'; INSERT INTO notice_words (rowid, circle, search_text) SELECT new.id, ':' || new.circle, new.search_text WHERE new.state = 'live'; END",
    "INSERT INTO notice_words (notice_words) VALUES ('rebuild')",
)
POSTGRESQL = (
    "CREATE INDEX ix_notice_search ON notice USING gin (array_to_tsvector(string_to_array(((':' || circle) || ' ') || search_text, ' '))) WITH (fastupdate = off) WHERE state = 'live'",
    "ANALYZE notice",
)


def upgrade() -> None:
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.add_column(sa.Column('search_text', sa.Text(), server_default='', nullable=False))
    _spell()
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(sa.text(statement.replace(":", "\\:")))
    _searches()


def _spell() -> None:
    """The words of what hangs already, a thousand notices at a time; whatever spells words by then spells these, too."""
    connection, last = op.get_bind(), -1
    page = sa.text(
        "SELECT n.id, n.family, n.title, n.body, n.created_at, n.origin_uri, l.direction, i.summary FROM notice n"
        " LEFT JOIN listing l ON l.id = n.id LEFT JOIN news_item i ON i.id = n.id"
        " WHERE n.id > :last ORDER BY n.id LIMIT :batch"
    ).columns(created_at=sa.DateTime(timezone=True))
    keep = sa.text("UPDATE notice SET search_text = :words WHERE id = :key")
    while rows := connection.execute(page, {"last": last, "batch": BATCH}).all():
        connection.execute(keep, [{"key": one.id, "words": _words(one)} for one in rows])
        last = rows[-1].id


def _words(row: Any) -> str:
    away = "here" if row.origin_uri is None else "away"
    marks = (f":kind:{row.direction or row.family}", f":from:{away}", _week(row.created_at))
    said = "\n".join(one for one in (row.title, row.summary, row.body) if one)
    return " ".join((*marks, *sorted(stems.terms(said))))


def _week(moment: datetime) -> str:
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return f":week:{moment.date().toordinal() // 7}"


def _searches() -> None:
    op.create_table('arrival',
    sa.Column('notice_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('public_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['notice_id'], ['notice.id'], name=op.f('fk_arrival_notice_id_notice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_arrival')),
    sa.UniqueConstraint('public_id', name=op.f('uq_arrival_public_id'))
    )
    op.create_table('lookout',
    sa.Column('resident_id', sa.BigInteger(), nullable=False),
    sa.Column('words', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=True),
    sa.Column('place', sa.String(length=10), nullable=True),
    sa.Column('circles', sa.String(length=1000), nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('public_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_lookout_resident_id_resident')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lookout')),
    sa.UniqueConstraint('public_id', name=op.f('uq_lookout_public_id'))
    )
    with op.batch_alter_table('lookout', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_lookout_resident_id'), ['resident_id'], unique=False)
    op.create_table('lookout_key',
    sa.Column('circle', sa.String(length=40), nullable=False),
    sa.Column('stem', sa.String(length=200), nullable=False),
    sa.Column('lookout_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['lookout_id'], ['lookout.id'], name=op.f('fk_lookout_key_lookout_id_lookout')),
    sa.PrimaryKeyConstraint('circle', 'stem', 'lookout_id', name=op.f('pk_lookout_key')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('lookout_key', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_lookout_key_lookout_id'), ['lookout_id'], unique=False)
    op.create_table('lookout_find',
    sa.Column('lookout_id', sa.BigInteger(), nullable=False),
    sa.Column('notice_id', sa.BigInteger(), nullable=False),
    sa.Column('tell_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('public_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['lookout_id'], ['lookout.id'], name=op.f('fk_lookout_find_lookout_id_lookout')),
    sa.ForeignKeyConstraint(['notice_id'], ['notice.id'], name=op.f('fk_lookout_find_notice_id_notice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lookout_find')),
    sa.UniqueConstraint('lookout_id', 'notice_id', name=op.f('uq_lookout_find_lookout_id_notice_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_lookout_find_public_id'))
    )
    with op.batch_alter_table('lookout_find', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_lookout_find_notice_id'), ['notice_id'], unique=False)
        batch_op.create_index('ix_lookout_find_untold', ['tell_at'], unique=False, sqlite_where=sa.text('told_at IS NULL'), postgresql_where=sa.text('told_at IS NULL'))


def downgrade() -> None:
    for table in ("lookout_find", "lookout_key", "lookout", "arrival"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER notice_words_hung")
        op.execute("DROP TRIGGER notice_words_gone")
        op.execute("DROP TRIGGER notice_words_changed")
        op.execute("DROP TABLE notice_words")
        op.execute("DROP VIEW notice_hanging")
    else:
        op.execute("DROP INDEX ix_notice_search")
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_column('search_text')

"""PostgreSQL keeps the words of each circle apart"""

from alembic import op
import sqlalchemy as sa

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

GONE = "DROP INDEX ix_notice_search"
APART = (
    "CREATE INDEX ix_notice_search ON notice USING gin (array_to_tsvector(string_to_array((circle || '/')"
    " || replace(search_text, ' ', (' ' || circle) || '/'), ' '))) WITH (fastupdate = off)"
    " WHERE state = 'live' AND circle NOT LIKE 'building:%'"
)
TOGETHER = (
    "CREATE INDEX ix_notice_search ON notice USING gin (array_to_tsvector(string_to_array(((':' || circle) || ' ')"
    " || search_text, ' '))) WITH (fastupdate = off) WHERE state = 'live'"
)


def upgrade() -> None:
    _make(APART)


def downgrade() -> None:
    _make(TOGETHER)


def _make(index: str) -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(GONE)
        op.execute(sa.text(index.replace(":", "\\:")))

"""PostgreSQL keeps the words of each circle apart"""

from alembic import op
import sqlalchemy as sa

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

NAME = "ix_notice_search"
APART = (
    "array_to_tsvector(string_to_array((circle || '/') || replace(search_text, ' ', (' ' || circle) || '/'), ' '))",
    "state = 'live' AND circle NOT LIKE 'building:%'",
)
TOGETHER = ("array_to_tsvector(string_to_array(((':' || circle) || ' ') || search_text, ' '))", "state = 'live'")


def upgrade() -> None:
    _index(*APART)


def downgrade() -> None:
    _index(*TOGETHER)


def _index(words: str, where: str) -> None:
    if op.get_bind().dialect.name == 'postgresql':
        made = f"CREATE INDEX {NAME} ON notice USING gin ({words}) WITH (fastupdate = off) WHERE {where}"
        op.execute(f"DROP INDEX {NAME}")
        op.execute(sa.text(made.replace(":", "\\:")))

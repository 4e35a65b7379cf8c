"""PostgreSQL knows how common a searched word is"""

from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

NAME = "st_notice_search"
LEXEMES = "array_to_tsvector(string_to_array(((':' || circle) || ' ') || search_text, ' '))"


def upgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(f"CREATE STATISTICS {NAME} ON ({LEXEMES}) FROM notice")


def downgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(f"DROP STATISTICS {NAME}")

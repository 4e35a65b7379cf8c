"""By which way an engine answers: what it says it would do, for each question that was really asked."""

from collections.abc import Callable

from sqlalchemy import Connection, event
from sqlalchemy.orm import Session


def of(session: Session, act: Callable[[], object]) -> str:
    """The plans of all questions that `act` asks, in words of the engine.

    A small table is read whole whatever indexes it has: PostgreSQL is told not to, where there is another way.
    """
    connection, asked = session.connection(), []

    def note(_connection: Connection, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            asked.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    act()
    event.remove(connection, "before_cursor_execute", note)
    on_sqlite = connection.dialect.name == "sqlite"
    if not on_sqlite:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    how = "EXPLAIN QUERY PLAN " if on_sqlite else "EXPLAIN "
    lines = [str(row[-1]) for one, given in asked for row in connection.exec_driver_sql(f"{how}{one}", given).all()]
    if not on_sqlite:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = on")
    assert lines
    return "\n".join(lines)

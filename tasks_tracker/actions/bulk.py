"""Many rows at once, past the ORM: the only module with SQL of its own.

`bulk_create` prepares every value of every row by itself, which for the cells of a whole week takes longer
than computing them (docs/benchmarks.md).
"""

from collections.abc import Sequence
from io import StringIO

from django.db import connection
from django.db.models import Model


def insert_numbers(model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[int]]) -> None:
    """Insert `rows` of whole numbers, each in the order of `columns`."""
    quote = connection.ops.quote_name
    into = f"{quote(model._meta.db_table)} ({', '.join(map(quote, columns))})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            lines = "".join("\t".join(map(str, row)) + "\n" for row in rows)
            cursor.copy_expert(f"COPY {into} FROM STDIN", StringIO(lines))
        else:
            values = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {into} VALUES ({values})", rows)

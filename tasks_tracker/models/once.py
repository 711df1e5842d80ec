"""Expressions that stand in a statement many times and are written out once.

The rules of the lights refer to each other: the planned percent alone stands in the light, its reason, the
obligation and the variance, several times in each. Django shares one object between these places, but copies
and walks it anew at each; the text is the same every time.
"""

from typing import Any

from django.db.models import Case, Exists


class _Once:
    """Stays one object when its names are resolved; remembers its SQL while a statement is being written."""

    is_resolved = False

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        """Resolves names the first time; after that there are only columns, which mean the same anywhere."""
        if self.is_resolved:
            return self
        resolved = super().resolve_expression(*args, **kwargs)  # type: ignore[misc]
        resolved.is_resolved = True
        return resolved

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **kwargs: Any) -> tuple[str, Any]:
        written = compiler.__dict__.setdefault("written_once", {})
        if id(self) not in written:  # by identity: an expression's own equality costs as much as writing it
            sql, params = super().as_sql(compiler, connection, *args, **kwargs)  # type: ignore[misc]
            written[id(self)] = self, sql, tuple(params)
        _self, sql, params = written[id(self)]
        return sql, params


class CaseOnce(_Once, Case):
    """A Case that is written out once in a statement."""


class ExistsOnce(_Once, Exists):
    """An Exists that is written out once in a statement."""

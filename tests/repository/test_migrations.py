"""Migrations are linear and named after what they do."""

import re

from django.db import connection
from django.db.migrations.loader import MigrationLoader


def ours() -> MigrationLoader:
    return MigrationLoader(connection)


def test_migrations_form_one_line(db: None) -> None:
    graph = ours().graph
    nodes = [node for node in graph.nodes if node[0] == "tasks_tracker"]
    forks = [node for node in nodes if len([c for c in graph.node_map[node].children if c.key in nodes]) > 1]
    assert len(graph.leaf_nodes("tasks_tracker")) == 1
    assert forks == []


def test_migrations_say_what_they_do(db: None) -> None:
    names = [name for app, name in ours().disk_migrations if app == "tasks_tracker"]
    unclear = [
        n for n in names if not re.fullmatch(r"\d{4}_[a-z0-9_]{4,}", n) or re.search(r"_auto_\d|merge", n)
    ]
    assert names
    assert unclear == []


def test_names_fit_databases_that_speak_postgresql(db: None) -> None:
    """Names of tables, columns, indexes and constraints that we chose have at most 30 characters."""
    from django.apps import apps

    long = set()
    for model in apps.get_app_config("tasks_tracker").get_models(include_auto_created=True):
        meta = model._meta
        names = [meta.db_table, *(f.column for f in meta.local_fields)]
        names += [index.name for index in meta.indexes] + [constraint.name for constraint in meta.constraints]
        long |= {name for name in names if len(name) > 30}
    assert long == set()

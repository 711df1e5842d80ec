"""Answers questions about the database of a site: a Python expression a line in, its value as JSON out.

A process of its own, because the site's settings are not those of the tests; one for all questions, because
starting Django takes longer than answering.
"""

import json
import os
import sys
import traceback

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "industrialization.settings")
    django.setup()
    from django.apps import apps

    models = {model.__name__: model for model in apps.get_models()}
    for line in sys.stdin:
        try:
            answer = {"value": eval(json.loads(line), dict(models))}
            said = json.dumps(answer, default=str)
        except Exception:
            said = json.dumps({"error": traceback.format_exc()})
        print(said, flush=True)  # noqa: T201 - its answer


if __name__ == "__main__":
    main()

#!/usr/bin/env python
"""Entry point of every command; `manage.py help` lists them."""

import os
import sys
from traceback import walk_tb

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db.utils import OperationalError

from tasks_tracker.rules.origin import COMMAND, acting_from


def was_connecting(error: OperationalError) -> bool:
    """Whether the database was never reached, as opposed to a statement that it refused."""
    return any(frame.f_code.co_name == "get_new_connection" for frame, _ in walk_tb(error.__traceback__))


def main() -> None:
    """Run the command. A wrong setting or a database out of reach is one line, not a traceback."""
    try:
        with acting_from(COMMAND):
            execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except OperationalError as error:
        if not was_connecting(error):
            raise
        reason = " ".join(str(error).split())
        sys.exit(
            f"The database of DATABASE_URL cannot be reached / 无法连接 DATABASE_URL 指定的数据库: {reason}"
        )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "industrialization.settings")
    main()

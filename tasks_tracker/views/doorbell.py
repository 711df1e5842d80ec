"""Ringing a job after an entry point's action."""

import logging

from kombu.exceptions import OperationalError

from tasks_tracker import jobs

logger = logging.getLogger(__name__)


def ring_roll_up() -> None:
    """Have the changed cells computed soon. A lost ring loses nothing: the beat looks every minute."""
    try:
        jobs.roll_up_stale_cells.delay_on_commit()
    except OperationalError:
        logger.warning("The queue cannot be reached; the beat will roll up what has changed.", exc_info=True)

"""Demonstration data: believable work items and weeks of reports, the same for the same seed."""

"""Speed on PostgreSQL as ratios measured in one run: `make bench`, `make bench-small`."""

# One command for each thing one does with this project. `make` alone lists them.
PORT ?= 8000
export PORT

.DEFAULT_GOAL := help
.PHONY: help demo test check stack bench bench-small clean-demo

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-12s %s\n", $$1, $$2}' Makefile

demo: ## everything for a first look: environment, SQLite, demonstration data, server on PORT
	@bin/demo

test: ## the whole suite: PostgreSQL + Redis, then SQLite, journeys in headless Chromium
	@bin/test

check: ## style, types, layers, migrations, deployment settings, translations
	@bin/check

stack: ## PostgreSQL, Redis, gunicorn, worker and beat as local processes, data under .stack/
	@bin/stack

bench: ## speed at 1 000, 10 000 and 100 000 items on PostgreSQL; prints ratios
	@bin/bench

bench-small: ## the same measurements at small sizes, to see that they run
	@bin/bench --small

clean-demo: ## forget the demonstration: its database and its secret
	rm -rf .demo db.sqlite3 db.sqlite3-wal db.sqlite3-shm

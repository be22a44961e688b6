# Needs Python 3.11 or newer and make; everything else is found or installed without root (docs/bootstrap.md).
SHELL := /bin/sh
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$each >/dev/null 2>&1 && $$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
READY = . ./.voice/env
# exec: what is ended by `make` itself (SIGTERM, as pipelines do) must be the program and not the shell before it.

.PHONY: help rehearse test engine shell world world-stop golden lint lock bench bench-connector clean bootstrap check-python

help:
	@echo "make rehearse   the whole job against local stand-ins of the three vendors: up, call, drift, repair, destroy"
	@echo "make test       every test (unit, handlers against the stand-ins, JavaScript, the real engine)"
	@echo "make engine     find or compile the Pulumi engine; everything else that is needed comes along"
	@echo "make shell      a shell in which plain pulumi and voice work"
	@echo "make world      start the local world and leave it running; make world-stop ends it"
	@echo "make golden     write the golden inventory of the graph anew (read the diff before you commit it)"
	@echo "make bench-connector  how the connector holds up (docs/benchmarks.md); ARGS='--agents 500' for a small machine"
	@echo "make lint       style and mistakes;   make lock  lock the Python requirements anew;   make clean"

rehearse: bootstrap
	@$(READY) && exec voice rehearse $(ARGS)

test: check-python
	@exec $(PYTHON) -m tools.bootstrap tests
	@$(READY) && exec tools/test $(ARGS)

engine: check-python
	@exec $(PYTHON) -m tools.bootstrap describe

shell: bootstrap
	@$(READY) && exec "$${SHELL:-/bin/sh}" -i

world: bootstrap
	@$(READY) && exec voice world start

world-stop: bootstrap
	@$(READY) && exec voice world stop

golden: bootstrap
	@$(READY) && .venv/bin/python -m tools.example_environment && GOLDEN=write .venv/bin/python -m pytest tests/test_graph_inventory.py

lint: bootstrap
	@$(READY) && ruff check .

lock: bootstrap
	@tools/lock

bench: bench-connector

bench-connector: bootstrap
	@$(READY) && exec .venv/bin/python -m tools.bench.connector $(ARGS)

clean:
	rm -rf build .voice .venv .pytest_cache .ruff_cache .hypothesis

bootstrap: check-python
	@exec $(PYTHON) -m tools.bootstrap all

check-python:
	@test -n "$(PYTHON)" || { echo "voice: Python 3.11 or newer is needed and none is on PATH. Get it from python.org or your distribution, or: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }

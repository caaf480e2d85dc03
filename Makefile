# Fenliu. `make run` and `make test` are all that a fresh clone needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PORT ?= 8000
CHAOS_SECONDS ?= 600

.PHONY: help install run test hostile check bench chaos screenshots

help:
	@echo "make run      everything from a fresh clone, on http://127.0.0.1:$(PORT)"
	@echo "make test     install, checks, whole test suite"
	@echo "make hostile  hostile input, in full"
	@echo "make check    the checks alone"
	@echo "make bench    the benchmarks"
	@echo "make chaos    everything is killed under traffic, for CHAOS_SECONDS ($(CHAOS_SECONDS)); then what was lost is looked for"
	@echo "make screenshots  the pictures in docs/pictures, from the demo shops"
	@echo "make install  the virtual environment"

install: $(STAMP)

$(STAMP): requirements.txt requirements-dev.txt constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed, this is %s" % sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt -c constraints.txt
	touch $@

run: install
	@PORT=$(PORT) exec $(BIN)/python -m config.run

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null

test: check
	$(BIN)/python -m pytest -n 2
	$(BIN)/python -m tests.servers postgresql -- $(BIN)/python -m pytest -n 2 -m "both or postgresql"
	$(BIN)/python -m tests.servers postgresql redis -- $(BIN)/python -m pytest -m redis

hostile: install
	FENLIU_HOSTILE_PERCENT=100 $(BIN)/python -m pytest -n 2 tests/hostile

bench: install
	$(BIN)/python -m tests.servers postgresql -- $(BIN)/python -m benchmarks

chaos: install
	$(BIN)/python -m tests.chaos --seconds $(CHAOS_SECONDS) $(CHAOS)

screenshots: install
	$(BIN)/python -m pytest -q -p no:cacheprovider tests/browser/pictures.py

# Fenliu. `make run` and `make test` are all that a fresh clone needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PORT ?= 8000
CHAOS_SECONDS ?= 600

.PHONY: help install run test test-browser test-operations test-nightly check bench chaos screenshots

help:
	@echo "make run              everything from a fresh clone, on http://127.0.0.1:$(PORT)"
	@echo "make test             install, checks, everything quick, one browser journey for each screen"
	@echo "make test-browser     all tests in the browser"
	@echo "make test-operations  demo, upgrade, nginx, job runners, kills, the other database"
	@echo "make test-nightly     hostile input in full, chaos for CHAOS_SECONDS ($(CHAOS_SECONDS))"
	@echo "make check            the checks alone"
	@echo "make bench            the benchmarks"
	@echo "make chaos            kill every process under traffic for CHAOS_SECONDS, then compare what is there with what was accepted"
	@echo "make screenshots      the pictures in docs/pictures, from the demo shops"
	@echo "make install          the virtual environment"

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

test: install
	@$(BIN)/python -m tests.layers quick

test-browser: install
	@$(BIN)/python -m tests.layers browser

test-operations: install
	@$(BIN)/python -m tests.layers operations

test-nightly: install
	@CHAOS_SECONDS=$(CHAOS_SECONDS) $(BIN)/python -m tests.layers nightly

bench: install
	$(BIN)/python -m tests.servers postgresql -- $(BIN)/python -m benchmarks

chaos: install
	$(BIN)/python -m tests.chaos --seconds $(CHAOS_SECONDS) $(CHAOS)

screenshots: install
	$(BIN)/python -m pytest -q -p no:cacheprovider tests/browser/pictures.py

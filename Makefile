# CryptoViz. `make help` lists what there is.
# Needs Python 3.11 or later and make; brings its own uv into .cache/ when there is none.

SOURCE ?= auto
SPEED ?=
HOST ?=
PORT ?=
DATA_DIR ?=

PYTHON ?= python3
UV := $(shell command -v uv 2>/dev/null || echo .cache/uv/bin/uv)
export UV_PYTHON_DOWNLOADS = never
# Each program that starts would compile all it imports again: a second of work, hundreds of times in the tests.
unexport PYTHONDONTWRITEBYTECODE
VENV := .venv
RUN_OPTIONS = --source '$(SOURCE)' $(if $(SPEED),--speed '$(SPEED)') $(if $(HOST),--host '$(HOST)') \
	$(if $(PORT),--port '$(PORT)') $(if $(DATA_DIR),--data-dir '$(DATA_DIR)')
PYTEST = $(VENV)/bin/python -m pytest -n auto --dist loadfile --no-loadscope-reorder --durations 20 --durations-min 5
# Downloaded before the tests' own clock runs; what cannot be had is named, and its tests are skipped.
DOWNLOAD = @$(VENV)/bin/python -m entrypoints.local $(NEEDS) || echo "Tests of what is missing will be skipped."

# Each has its tests in tests/integration/NAME.
INTEGRATION := api embedded kafka kraken local notify redis rss simulator spark sql supervise timescaledb web

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@echo "CryptoViz: the crypto market and its news, live and replayable."
	@echo
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'
	@echo "  make test-NAME    The integration tests of one part: $(INTEGRATION)"
	@echo
	@echo "Variables of make run: SOURCE=auto|kraken|simulated|recording:FILE  SPEED=1  HOST=127.0.0.1  PORT=8000  DATA_DIR=..."

.PHONY: run
run: $(VENV)/.run ## Watch the market at http://127.0.0.1:8000 (nothing else needs to be installed)
	@exec $(VENV)/bin/cryptoviz run $(RUN_OPTIONS)

.PHONY: setup
setup: $(UV) ## Install everything: development tools, and Spark (needs Java 17 to run)
	$(UV) sync --frozen --all-extras
	@touch $(VENV)/.run $(VENV)/.dev

.PHONY: test
test: $(VENV)/.dev lint ## Run all checks and all tests (what a test needs and is missing is named)
	$(DOWNLOAD)
	$(PYTEST)

.PHONY: $(INTEGRATION:%=test-%)
$(INTEGRATION:%=test-%): test-%: $(VENV)/.dev
	$(if $(NEEDS),$(DOWNLOAD))
	$(PYTEST) tests/integration/$*
test-kafka: NEEDS = kafka schema_registry
test-local: NEEDS = kafka schema_registry database redis
test-redis: NEEDS = redis
test-spark: NEEDS = kafka schema_registry database spark
test-timescaledb: NEEDS = database

FAST = -m 'not slow and not browser' tests/unit tests/contracts tests/architecture

.PHONY: test-fast
test-fast: $(VENV)/.dev lint ## The checks and tests that take less than two minutes in all
	$(PYTEST) $(FAST)

FAKETIME_LIBRARY = $(firstword $(wildcard /usr/lib/*/faketime/libfaketime.so.1))

.PHONY: test-dates
test-dates: $(VENV)/.dev ## The fast tests with the clock a day, a year and ten years ahead (needs Debian's libfaketime)
	@[ -n "$(FAKETIME_LIBRARY)" ] || { echo "libfaketime is missing: on Debian and Ubuntu, 'apt-get install libfaketime'"; exit 1; }
	@for ahead in 1 366 3653; do \
		echo "The clock is $$ahead days ahead"; \
		LD_PRELOAD=$(FAKETIME_LIBRARY) FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME="+$${ahead}d" $(PYTEST) -q $(FAST) || exit 1; \
	done

.PHONY: lint
lint: $(VENV)/.dev ## Formatting, lint rules, types, layers
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

.PHONY: format
format: $(VENV)/.dev ## Format the code and mend what the linter can
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

.PHONY: measurements
measurements: $(VENV)/.dev ## Run the benchmarks (or just ONLY="sentiment ...") and write docs/measurements.md
	@$(VENV)/bin/python -m benchmarks.measurements $(ONLY)

.PHONY: screenshots
screenshots: $(VENV)/.dev ## Make the README's pictures anew (needs Chromium)
	$(VENV)/bin/python -m docs.screenshots

.PHONY: clean
clean: ## Delete the environment and all caches (never your data)
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist

# --inexact: an extra that was installed by hand or by `make setup` stays.
$(VENV)/.run: $(UV) pyproject.toml uv.lock
	$(UV) sync --frozen --inexact --no-default-groups
	@touch $@

$(VENV)/.dev: $(UV) pyproject.toml uv.lock
	$(UV) sync --frozen --inexact --all-extras
	@touch $@ $(VENV)/.run

.cache/uv/bin/uv:
	@echo "No uv found: installing one into .cache/uv"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "CryptoViz needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) --version 2>&1). Set PYTHON=... to another."; exit 1; }
	@$(PYTHON) -m venv .cache/uv && .cache/uv/bin/python -m pip install --quiet uv || \
		{ rm -rf .cache/uv; echo "Could not install uv: on Debian and Ubuntu, 'apt-get install python3-venv' and try again."; exit 1; }

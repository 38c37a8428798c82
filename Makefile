# The verbs of the project. `make run` and `make test` need nothing but Python 3.11+ and make.
PYTHON ?= python3
PORT ?= 8000
DATA ?= data
BIN := .venv/bin
# Twice quiet: pip warns of every place that it looks in vain.
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq

.PHONY: run install test lint fmt types sample bench docs lock migration clean help

help: ## Say what each verb does
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

run: install ## Install what is missing, make the sample study and serve on PORT (8000)
	@$(BIN)/coverslip quickstart --data $(DATA) --port $(PORT)

install: $(BIN)/coverslip ## Make .venv with everything to serve, and build the web pages
	@$(BIN)/python scripts/build_web.py

.venv/.runtime: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit("Coverslip needs Python 3.11 or newer, and $(PYTHON) is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || { echo "Making .venv"; $(PYTHON) -m venv .venv; }
	@echo "Installing the locked packages"
	@$(PIP) install --require-hashes -r requirements.lock
	@touch $@

$(BIN)/coverslip: .venv/.runtime pyproject.toml
	@echo "Installing coverslip"
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.runtime requirements-dev.lock
	@echo "Installing the locked packages for tests and linters"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

test: install .venv/.dev ## Run every test; says what it installs for them
	@sh scripts/install_test_tools.sh
	@$(BIN)/python scripts/build_web.py --test
	@$(BIN)/python -m pytest

lint: install .venv/.dev ## Check style, types and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/build_web.py --lint

fmt: .venv/.dev ## Format the code
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

types: .venv/.dev ## Check the types alone
	$(BIN)/mypy

sample: install ## Make the sample study in DATA
	@$(BIN)/coverslip sample --data $(DATA)

bench: install .venv/.dev ## Compare tiles with OpenSlide's own Deep Zoom generator
	$(BIN)/python -m benchmarks.deepzoom_fidelity

docs: install .venv/.dev ## Write docs/api.md from the declared calls
	$(BIN)/python -m scripts.write_api_docs

lock: ## Write the lock files anew from pyproject.toml (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --group build -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --group build --group dev -c requirements.lock -o requirements-dev.lock

migration: .venv/.dev ## Write a database revision named MESSAGE from changed tables
	$(BIN)/python -m scripts.make_migration "$(MESSAGE)"

clean: ## Remove what was built, but no data
	rm -rf .venv .node web/dist web/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .web-stamp

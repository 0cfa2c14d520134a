# The two commands are `make demo` and `make test`; each sets up what it needs first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
XDIST ?= 2
# Where the peers of the benchmarks are installed: $(VENVS)/phoenix, $(VENVS)/mlflow, ...
VENVS ?= .venvs

# The frameworks whose tools are intercepted, for tests/frameworks.
FRAMEWORKS_VENV ?= $(VENVS)/frameworks
FRAMEWORKS_READY := $(FRAMEWORKS_VENV)/.ready

PHOENIX_VENV ?= $(VENVS)/phoenix
MLFLOW_VENV ?= $(VENVS)/mlflow

.PHONY: help setup pages demo test test-pages chromium pictures examples test-frameworks test-peers lint bench bench-replay bench-ingest bench-server lock wheel clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

setup: $(READY) ## Make .venv with everything

$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Reenact needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

pages: $(READY) ## Build the pages into the package, if web/ has changed
	@$(BIN)/python build_hooks/pages.py

demo: pages ## Run the main job on the shipped capture, offline
	$(BIN)/reenact demo

test: pages lint test-pages chromium ## Run all tests
	$(BIN)/python -m pytest -n $(XDIST) tests --ignore tests/frameworks
	$(MAKE) test-frameworks

# Debian's Chromium, for the tests in tests/browser; without it they skip and say so.
chromium:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { \
	  [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  { apt-get install -y -qq chromium || { apt-get update -qq && apt-get install -y -qq chromium; }; } >/dev/null 2>&1; } \
	  || echo "no Chromium, and none could be installed: the browser tests will be skipped"

pictures: pages chromium ## Renew the pictures of docs/guide from the browser tests
	REENACT_PICTURES=docs/guide/pictures $(BIN)/python -m pytest -n 0 tests/browser -k tuesday

examples: $(READY) ## Tell the demo's story to a server, for the examples in the OpenAPI document
	REENACT_RENEW_EXAMPLES=1 $(BIN)/python -m pytest -n 0 tests/server/api/test_examples.py -k story

test-pages: $(READY) ## Style, types and tests of the pages' logic
	@$(BIN)/python build_hooks/pages.py check

test-frameworks: $(READY) $(FRAMEWORKS_READY) ## Run the tests that need real agent frameworks, or a model's SDK
	$(FRAMEWORKS_VENV)/bin/python -m pytest --timeout 300 tests/frameworks tests/llm/test_library.py \
	  -W ignore::ResourceWarning -W ignore::pytest.PytestUnraisableExceptionWarning

# More than a hundred packages: uv takes seconds where pip takes minutes.
$(FRAMEWORKS_READY): $(READY) requirements/frameworks.txt
	$(PYTHON) -m venv --clear $(FRAMEWORKS_VENV)
	$(BIN)/uv pip install --quiet --python $(FRAMEWORKS_VENV)/bin/python --require-hashes -r requirements/frameworks.txt
	$(BIN)/uv pip install --quiet --python $(FRAMEWORKS_VENV)/bin/python --no-deps --no-build-isolation -e .
	@touch $@

test-peers: $(READY) $(PHOENIX_VENV)/bin/phoenix $(MLFLOW_VENV)/bin/mlflow ## Send captures to real Phoenix and MLflow servers, and take them back
	PHOENIX_VENV=$(abspath $(PHOENIX_VENV)) MLFLOW_VENV=$(abspath $(MLFLOW_VENV)) \
	  $(BIN)/python -m pytest -n 0 tests/peers

$(PHOENIX_VENV)/bin/phoenix:
	$(PYTHON) -m venv $(PHOENIX_VENV)
	$(PHOENIX_VENV)/bin/python -m pip install --quiet arize-phoenix==20.26.1

$(MLFLOW_VENV)/bin/mlflow:
	$(PYTHON) -m venv $(MLFLOW_VENV)
	$(MLFLOW_VENV)/bin/python -m pip install --quiet mlflow==3.17.2

lint: $(READY) ## Style, types and the import contract
	$(BIN)/ruff check src tests benchmarks examples build_hooks
	$(BIN)/ruff format --check src tests benchmarks examples build_hooks
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY) ## Measure against the floor and print the ratios
	$(BIN)/python -m benchmarks

bench-replay: $(READY) ## Measure replay beside its peers, and at scale; writes benchmarks/results/replay*.json
	$(BIN)/python -m benchmarks replay --venvs $(VENVS); held=$$?; \
	  $(BIN)/python -m benchmarks scale && exit $$held

bench-ingest: $(READY) ## Measure the receiver beside Phoenix and MLflow (about 20 minutes)
	$(BIN)/python -m benchmarks ingest --venvs $(VENVS)

bench-server: pages ## Measure the server at a million spans; writes benchmarks/results/server.json (minutes)
	$(BIN)/python -m benchmarks server

wheel: $(READY) ## Build the wheel into dist/
	$(BIN)/python -m build --wheel --no-isolation

lock: $(READY) ## Renew requirements/*.txt
	for group in dev frameworks; do \
	  $(BIN)/uv pip compile pyproject.toml --group $$group --universal --python-version 3.11 --generate-hashes \
	    --no-header --no-emit-index-url --no-emit-find-links --quiet -o requirements/$$group.txt || exit 1; \
	done

clean: ## Remove what was built
	rm -rf $(VENV) dist build

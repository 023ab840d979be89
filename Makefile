# `make run` and `make test` need only Python 3.11 to 3.13 and this clone.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PURE := $(addprefix tests/,architecture budgets contracts costs documents space \
    statistics strategies trials)

.DEFAULT_GOAL := help
.PHONY: help setup run test test-core test-all real-typed real-others check format readme bench bench-networks clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(READY) ## Make the virtual environment and install everything

# Installed again whenever the dependencies change.
$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; v = sys.version_info[:2]; \
	    sys.exit(0 if (3, 11) <= v < (3, 14) else "vidnas needs Python 3.11 to 3.13, got %d.%d. Set PYTHON=..." % v)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

run: $(READY) ## Search on generated motion clips: front, A0-A5 family and report
	$(BIN)/vidnas search experiments/quickstart.yaml

test: $(READY) ## Every test, the slow ones too
	$(BIN)/python -m pytest -n 2 --dist worksteal

# Of the real tests those that type what README and docs say, and the others beside them:
# two at a time, of which one at most starts clusters of its own.
TYPED := tests/test_commands_in_order.py tests/test_wheel.py

test-all: test ## `make test`, then all that takes minutes: wheel, browsers, every command
	$(MAKE) --jobs=2 --output-sync=target real-typed real-others

real-typed: $(READY)
	$(BIN)/python -m pytest -m real --durations=0 $(TYPED)

real-others: $(READY)
	$(BIN)/python -m pytest -m real --durations=0 $(addprefix --ignore=,$(TYPED))

test-core: $(READY) ## The pure part, in seconds
	$(BIN)/python -m pytest -n 2 --dist worksteal $(PURE) -m 'not keras and not slow and not real'

check: $(READY) ## Lint, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## Rewrite the code in the house format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

readme: $(READY) ## Table and picture of README, of the study of `make run`
	$(BIN)/python benchmarks/readme_front.py

bench: $(READY) ## Measure; prints ratios, asserts nothing
	$(BIN)/python benchmarks/cost.py
	$(BIN)/python benchmarks/space.py
	$(BIN)/python benchmarks/depthwise.py

bench-networks: $(READY) ## Measure whole networks against their peers, 6 minutes
	$(BIN)/python benchmarks/networks.py

clean: ## Remove the environment and caches; keeps runs/ and data/
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Every target sets up what it needs in .venv and does so again when pyproject.toml or constraints.txt change.
# Another interpreter: make PYTHON=python3.12 test (after `make clean`, when .venv is there already).

PYTHON ?= python3
ARGS ?=

HALVES := engine-half rest-half
ENGINE_HALF := tests/sim tests/fidelity tests/cli tests/debrief

VENV := .venv
RUN := $(VENV)/bin/python
PIP_INSTALL := $(RUN) -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help play test check lint $(HALVES) bench screenshots clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

play: $(VENV)/play.stamp ## choose a scenario and play it (ARGS='--help' to pass options on)
	@$(VENV)/bin/drill $(if $(ARGS),play $(ARGS))

test: lint ## lint, types, layers and the fast tests
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target ONLY='-m "not slow" --snapshot-warn-unused' $(HALVES)

check: lint ## everything in test, and the slow tests
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target $(HALVES)

# The tests in two halves that take about as long as each other and run side by side, each in one process and in the
# order of its files: two cores are busy, and nothing depends on which test meets which. What is not named is in `rest`.
engine-half: $(VENV)/test.stamp
	$(RUN) -m pytest -q $(ONLY) $(ENGINE_HALF)

rest-half: $(VENV)/test.stamp
	$(RUN) -m pytest -q $(ONLY) $(ENGINE_HALF:%=--ignore=%)

lint: $(VENV)/test.stamp
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports --no-logo

bench: $(VENV)/test.stamp $(VENV)/bench/done.stamp ## how fast the engine is beside other programs (ARGS='peers --rounds 3')
	$(RUN) -m tests.bench --python $(VENV)/bench/bin/python $(ARGS)

screenshots: $(VENV)/test.stamp ## draw the README's pictures anew
	$(RUN) -m tests.tui.screenshots

clean: ## remove the environment, caches and built packages
	rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache snapshot_report.html
	find drill tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/play.stamp: $(VENV)/place pyproject.toml constraints.txt
	@echo "Installing drill and what it needs into $(VENV) ..." >&2
	@$(PIP_INSTALL) --editable .
	@touch $@

$(VENV)/test.stamp: $(VENV)/place pyproject.toml constraints.txt
	@echo "Installing drill, what it needs and the development tools into $(VENV) ..." >&2
	@$(PIP_INSTALL) --editable '.[dev,test]'
	@touch $@ $(VENV)/play.stamp

# The peers of the bench have an environment of their own: one of their libraries brings a package named tests.
$(VENV)/bench/done.stamp: $(VENV)/place constraints.txt
	@echo "Installing what the bench compares with into $(VENV)/bench ..." >&2
	@"$(PYTHON)" -m venv $(VENV)/bench
	@$(VENV)/bench/bin/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt simpy numpy ciw
	@touch $@

# An environment knows its own path, so a tree that was moved or copied gets a new one.
ifneq "$(shell cat $(VENV)/place 2>/dev/null)" "$(CURDIR)"
.PHONY: $(VENV)/place
endif

$(VENV)/place:
	@command -v "$(PYTHON)" >/dev/null 2>&1 || { \
	  echo "drill needs Python 3.11 or newer, and there is no '$(PYTHON)' here." >&2; \
	  echo "Install it (Debian, Ubuntu: apt install python3 python3-venv) or name one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; \
	  exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "drill needs Python 3.11 or newer; '$(PYTHON)' is $$("$(PYTHON)" --version 2>&1)." >&2; \
	  echo "Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; \
	  exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "'$(PYTHON)' can't make virtual environments: its venv or ensurepip module is missing." >&2; \
	  echo "Install it (Debian, Ubuntu: apt install python3-venv) and run make again." >&2; \
	  exit 1; }
	@rm -rf $(VENV)
	@"$(PYTHON)" -m venv $(VENV)
	@printf '%s\n' "$(CURDIR)" > $@

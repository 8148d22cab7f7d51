# Everything there is to do with this repository. `make help` says what.
# Needs Python 3.11 or newer, make and git; all else is installed into .venv, in the versions of constraints.txt.

VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3 python,$(if $(shell command -v $(name) 2>/dev/null),$(name))))
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo test check dev docs picture clean

help:  ## show this list
	@echo "make TARGET, where TARGET is one of:"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 10

demo: $(READY)  ## four months of lead nurturing in a minute, on a virtual clock, with its own mail server
	$(BIN)/nurture demo

test: $(READY)  ## all tests; those whose servers are not on this machine are left out, and it says which
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -rs

check: $(READY)  ## what must hold before a commit: format, lint, types, layers, unit tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check
	$(BIN)/python -m pytest tests/unit tests/docs -n $(WORKERS) --dist worksteal

dev: $(READY)  ## the environment to work in: nurture itself (editable) and every tool
	@echo "Ready. Run things from $(BIN), or enter the environment: . $(BIN)/activate"

docs: $(READY)  ## write docs/reference anew, from the code
	$(BIN)/python docs/generate.py

picture: $(READY)  ## draw the README's picture anew, from what the demo prints
	$(BIN)/python docs/picture.py

clean:  ## remove the environment and what tools leave behind
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "No Python found. nurture needs Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "$(PYTHON) is too old: nurture needs Python 3.11 or newer (make PYTHON=python3.12 …)."; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "$(PYTHON) cannot make an environment; on Debian: apt install python3-venv"; exit 1; }
	@echo "Installing into $(VENV) (once; a minute or two) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt hatchling editables
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --no-build-isolation -e '.[dev]'
	@touch $@

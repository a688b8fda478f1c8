# Two commands for a newcomer: `make demo` and `make test`. Everything else is for those who stay.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
OUT ?= out

.PHONY: demo test lint bench docs clean
.DEFAULT_GOAL := demo

# The environment, made anew when the package's declaration changes. `bin/python` of another
# platform (Scripts\python.exe) is used by setting BIN.
$(VENV)/.made-%: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing nodegraph[$*] into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
	@touch $@

demo: $(VENV)/.made-samples
	@$(BIN)/python -m samples -o $(OUT)

test: $(VENV)/.made-dev
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check --quiet .
	@$(BIN)/python -m mypy
	@$(BIN)/python -m pytest

lint: $(VENV)/.made-dev
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy

bench: $(VENV)/.made-dev
	$(BIN)/nodegraph bench

docs: $(VENV)/.made-dev
	$(BIN)/nodegraph nodes --markdown > docs/nodes.md

clean:
	rm -rf $(VENV) $(OUT) samples/media .pytest_cache .mypy_cache .ruff_cache .hypothesis

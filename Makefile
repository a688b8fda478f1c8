# Two commands for a newcomer: `make demo` and `make test`. Everything else is for those who stay.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
OUT ?= out

.PHONY: demo test screen networks lint bench docs clean
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

# What the editor's tests draw on; where it may not be installed they are left out, and say so.
SCREEN := xvfb libgl1 libgl1-mesa-dri
screen:
	@command -v Xvfb >/dev/null 2>&1 || { \
	  command -v apt-get >/dev/null 2>&1 && { [ "$$(id -u)" = 0 ] || sudo -n true 2>/dev/null; } && \
	  echo "installing $(SCREEN) ..." && \
	  { SUDO=$$([ "$$(id -u)" = 0 ] || echo sudo); $$SUDO apt-get update -qq && \
	    $$SUDO apt-get install -y -qq --no-install-recommends $(SCREEN) >/dev/null; }; } || true

# The trained networks, by the package client; where they can't be had, the tests that run them are left out, and say so.
networks: $(VENV)/.made-dev
	@$(BIN)/nodegraph models verify >/dev/null 2>&1 || $(BIN)/nodegraph models install || true

test: $(VENV)/.made-dev screen networks
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

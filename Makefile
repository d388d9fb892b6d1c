# make run    set everything up once, then open Alcove (ARGS="ask …" runs a subcommand instead)
# make test   the whole test run        make lint   style, types, imports
# make bench  speed measurements, as ratios
# make package  installers, into dist/   make package-test  tries them

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
EDITION ?= full

.PHONY: run test lint bench samples clean package package-test

run: $(VENV)/.ready
	@$(BIN)/alcove $(ARGS)

test: $(VENV)/.ready-dev
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.ready-dev
	$(BIN)/python -m benchmarks

samples: $(VENV)/.ready-dev
	$(BIN)/python resources/make_samples.py

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .hypothesis

$(VENV)/.ready: pyproject.toml constraints.txt models/starter.txt packaging/setup.sh
	@PYTHON=$(PYTHON) VENV=$(VENV) bash packaging/setup.sh

$(VENV)/.ready-dev: $(VENV)/.ready
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

# into dist/: the installers for Linux (EDITION=light: without torch and OpenVINO, for small disks); package-test tries them in a Debian of its own (needs root)
package:
	@PYTHON=$(PYTHON) EDITION=$(EDITION) bash packaging/package.sh

package-test:
	@EDITION=$(EDITION) bash packaging/linux/test_package.sh

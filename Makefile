# Commands: make demo, make test, make fuzz, make lint. Each sets up .venv from the tested versions first.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test fuzz lint

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Bookscore needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	touch $@

demo: .venv/ready
	$(BIN)/python -m demo

test: .venv/ready
	$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# Damaged files of every kind for an hour of the processor, from other random numbers each time (tests/fuzz).
FUZZ_SECONDS ?= 3600
FUZZ_SEED ?= $(shell date +%s)

fuzz: .venv/ready
	BOOKSCORE_FUZZ_SECONDS=$(FUZZ_SECONDS) BOOKSCORE_FUZZ_SEED=$(FUZZ_SEED) $(BIN)/python -m pytest tests/fuzz --numprocesses 2 --dist load

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@# mypy knows no package-dir: it is shown the package as it is installed.
	rm -rf build/typed && mkdir -p build/typed
	cp -rs $(CURDIR)/bookscore $(CURDIR)/demo build/typed
	cp -rs $(addprefix $(CURDIR)/,commands engine ingest queries sql) build/typed/bookscore
	cd build/typed && ../../$(BIN)/mypy --config-file ../../pyproject.toml --cache-dir ../../.mypy_cache

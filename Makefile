# Two commands: make demo, make test. Both set up .venv from the tested versions first.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Bookscore needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	touch $@

demo: .venv/ready
	$(BIN)/python -m demo

test: .venv/ready
	$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@# mypy knows no package-dir: it is shown the package as it is installed.
	rm -rf build/typed && mkdir -p build/typed
	cp -rs $(CURDIR)/bookscore $(CURDIR)/demo build/typed
	cp -rs $(addprefix $(CURDIR)/,commands engine ingest queries sql) build/typed/bookscore
	cd build/typed && ../../$(BIN)/mypy --config-file ../../pyproject.toml --cache-dir ../../.mypy_cache

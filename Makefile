# make install   everything the project needs, into .venv
# make run       open the local room        PORT=8017 and DATA=data choose where
# make test      what CI runs: style, types, import contracts, tests

PYTHON ?= python3
BIN := .venv/bin

.PHONY: install run test lint constraints clean

install: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("stylenet needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

run: install
	$(BIN)/stylenet run $(if $(PORT),--port $(PORT)) $(if $(DATA),--data $(DATA))

test: install lint
	$(BIN)/pytest

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

constraints: install
	@echo "# The exact releases that the tests passed with; 'make constraints' writes them anew." > constraints.txt
	$(BIN)/pip freeze --exclude-editable | grep -v '^torch' >> constraints.txt

clean:
	rm -rf .venv

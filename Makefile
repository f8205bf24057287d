# make install   everything the project needs, into .venv
# make run       open the local room        PORT=8017 and DATA=data choose where
# make test      what CI runs: style, types, import contracts, tests
# make lock      pin what pyproject.toml asks for; UPGRADE=--upgrade takes newer releases
# make audit     ask whether anything that is pinned has known vulnerabilities

PYTHON ?= python3
BIN := .venv/bin

# Which build of torch suits, pip decides on each machine: it is pinned, but in no lock file.
TORCH := $(shell sed -n 's/^ *"\(torch[a-z]*==[^"]*\)".*/\1/p' pyproject.toml)

.PHONY: install run test lint lock audit clean

install: .venv/installed

.venv/installed: pyproject.toml requirements-dev.lock
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("stylenet needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes --no-deps --requirement requirements-dev.lock
	$(BIN)/pip install --quiet $(TORCH)
	$(BIN)/pip install --quiet --no-deps --editable .
	$(BIN)/pip check
	touch $@

run: install
	$(BIN)/stylenet run $(if $(PORT),--port $(PORT)) $(if $(DATA),--data $(DATA))

test: install lint
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses 3 --dist worksteal  # many only wait

lint: install node_modules/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/node node_modules/typescript/bin/tsc  # the types of the page's scripts

node_modules/.installed: package-lock.json | install
	$(BIN)/npm ci --silent --no-audit --no-fund
	touch $@

COMPILE := printf '%s\n' torch torchvision pip | $(BIN)/uv pip compile pyproject.toml --excludes - \
	--universal --python-version 3.11 --generate-hashes --custom-compile-command 'make lock' \
	--quiet $(UPGRADE)

lock: install
	$(COMPILE) --extra lite --extra bluesky --extra matrix --extra safe --output-file requirements.lock
	$(COMPILE) --extra dev --constraint requirements.lock --output-file requirements-dev.lock

AUDIT := $(BIN)/pip-audit --strict --disable-pip --progress-spinner off
UNSURE := { echo 'Something was found, or the advisories cannot be read: see above.'; exit 1; }

audit: install
	$(AUDIT) --require-hashes --requirement requirements-dev.lock || $(UNSURE)
	printf '%s\n' $(TORCH) | $(AUDIT) --no-deps --requirement /dev/stdin || $(UNSURE)

clean:
	rm -rf .venv node_modules

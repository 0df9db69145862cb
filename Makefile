# make run: a working Tongban with demo accounts.  make test: everything that proves it.
PYTHON ?= python3
CARDS ?= 312  # read by make bench
VENV := .venv
BIN := $(VENV)/bin
export PYTHONUTF8 = 1

.PHONY: run demo-two install test lint suite browser faults forms bench fresh lock clean

run: install
	TONGBAN_DEMO=1 $(BIN)/tongban setup --demo
	TONGBAN_DEMO=1 $(BIN)/tongban serve

# Two instances that know each other: a city's and a county's. Ctrl-C stops both.
demo-two: install
	scripts/demo-two

install: $(VENV)/installed

$(VENV)/installed: requirements.txt pyproject.toml scripts/venv
	scripts/venv "$(PYTHON)" $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/tested: $(VENV)/installed requirements-dev.txt package-lock.json
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

test: install
	scripts/bring chromium:chromium libatomic:libatomic1 npm:npm pdftotext:poppler-utils fc-list:fontconfig font-noto:fonts-noto-cjk font-hana:fonts-hanazono postgres:postgresql
	$(MAKE) --no-print-directory $(VENV)/tested node_modules/.package-lock.json
	$(MAKE) --no-print-directory lint
	$(MAKE) --no-print-directory suite

node_modules/.package-lock.json: package-lock.json
	npm ci --silent --no-audit --no-fund

lint: $(VENV)/tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/tongban manage makemigrations --check --dry-run

# The suite on SQLite, on a PostgreSQL started for it, and the browser; one run of pytest each.
suite: $(VENV)/tested
	$(BIN)/pytest -q -n auto -m "not browser"
	scripts/with-postgres $(BIN)/pytest -q -n auto -m "not browser and not pure and not once"
	$(BIN)/pytest -q -n auto -m browser

browser: $(VENV)/tested
	$(BIN)/pytest -q -m browser

# What takes long: killed at every step; a real server and its PostgreSQL cut off while people work. Prints a table.
faults: $(VENV)/tested
	scripts/bring postgres:postgresql clamd:clamav-daemon
	scripts/venv "$(PYTHON)" .wapiti && .wapiti/bin/pip install --quiet --disable-pip-version-check wapiti3==3.2.3
	FAULTS=every $(BIN)/pytest -q tests/faults
	FAULTS=every scripts/with-postgres $(BIN)/pytest -q tests/faults
	$(BIN)/python -m tests.faults
	scripts/with-postgres $(BIN)/python -m tests.faults

forms: install
	$(BIN)/python -m tests.paperwork.samples build/forms

bench: $(VENV)/tested
	$(BIN)/python -m benchmarks
	scripts/with-postgres $(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.cards $(CARDS)
	$(BIN)/python -m benchmarks.photo

fresh:
	scripts/fresh

lock:
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --extra build -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --extra build --extra dev -c requirements.txt -o requirements-dev.txt

clean:
	rm -rf $(VENV) .wapiti node_modules build screenshots var

# Everything a developer runs. On a bare machine with Python 3.11 or newer and make, `make demo` and `make test` do the
# rest themselves. Extra words go through ARGS: make test ARGS="-k welcome", make demo ARGS=--exit.

BIN := .venv/bin
INSTALLED := .venv/.installed
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard omnicrm/locale/*/LC_MESSAGES/*.po))
APT_INSTALL := [ "$$(id -u)" = 0 ] && [ -e /etc/debian_version ] && apt-get update -qq && apt-get install -qqy

.DEFAULT_GOAL := help
.PHONY: help setup check test coverage demo bench lock chromium
.DELETE_ON_ERROR:
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(INSTALLED) $(CATALOGUES) ## Make .venv with everything the lock file names, and compile the translations

demo: setup ## Start everything on this machine with a local Mailjet and sample data; Ctrl-C ends it
	$(BIN)/omnicrm demo $(ARGS)

# Three processes on two cores: the stories and the recovery of a database wait more than they compute.
# Few tests at a time, since the first process is busy with the stories for long, and has those of its chunk to do yet.
PYTEST = $(BIN)/pytest -n 3 --maxschedchunk 40 $(ARGS)

test: setup chromium ## Run all tests
	$(PYTEST)

coverage: setup chromium ## Run all tests and show which branches none of them took; a quarter slower
	@rm -f .coverage .coverage.*
	COVERAGE_PROCESS_START=$(CURDIR)/pyproject.toml COVERAGE_FILE=$(CURDIR)/.coverage $(PYTEST)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --skip-covered

check: export OMNICRM_CONFIG := $(CURDIR)/.ci/check.yaml
check: export DJANGO_SETTINGS_MODULE := omnicrm.settings
check: setup ## Lint, formatting, types, floors between rooms, complete migrations
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -W ignore::RuntimeWarning -m django makemigrations --check --dry-run

bench: setup ## Measure, and compare with others where their packages are installed
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-bench.lock
	$(BIN)/python -m benchmarks.run $(ARGS)
	for promise in enqueue memory budget urgency; do $(BIN)/python -m benchmarks.ours.promises $$promise || exit; done
	$(BIN)/python -m benchmarks.ours.invoices
	$(BIN)/python -m benchmarks.ours.invoice_run
	for promise in array single alert scan walks; do $(BIN)/python -m benchmarks.ours.balances $$promise || exit; done
	$(BIN)/python -m benchmarks.ours.signing_in

lock: setup ## Make the lock files anew from pyproject.toml
	$(BIN)/uv pip compile $(COMPILE) -o requirements.lock
	$(BIN)/uv pip compile $(COMPILE) --group dev -c requirements.lock -o requirements-dev.lock
	$(BIN)/uv pip compile $(COMPILE) --group bench -c requirements-dev.lock -o requirements-bench.lock
	$(BIN)/uv pip compile $(COMPILE_OPTIONS) benchmarks/niquests.in -o benchmarks/niquests.lock

COMPILE_OPTIONS = --quiet --upgrade --generate-hashes --universal --python-version 3.11
COMPILE = $(COMPILE_OPTIONS) pyproject.toml

# pip and not uv: pip is there already, and heeds a package index that the machine is configured for.
$(INSTALLED): requirements-dev.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

$(BIN)/python:
	@venv() { \
		for python in $(PYTHON) python3.11 python3.12 python3.13 python3; do \
			$$python -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
			$$python -m venv .venv && return; \
		done; \
		return 1; \
	}; \
	venv || { $(APT_INSTALL) python3 python3-venv && venv; } || { \
		echo "OmniCRM needs Python 3.11 or newer with venv (Debian: apt install python3-venv);" \
			"elsewhere than on PATH: make PYTHON=/path/to/python3" >&2; exit 1; }

%.mo: %.po | $(INSTALLED)
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

chromium: $(INSTALLED)
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do \
		command -v $$name >/dev/null && exit; \
	done; \
	{ $(APT_INSTALL) chromium; } || $(BIN)/playwright install chromium || { \
		echo "the browser tests need Chromium, on PATH as chromium or google-chrome: install it" \
			"(Debian: apt install chromium) and run make test again" >&2; exit 1; }

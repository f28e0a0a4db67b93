# Two commands do all the set-up on a machine with git, make and python3: `make demo`, `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
WORKERS ?= auto

.DEFAULT_GOAL := help
.PHONY: help install dev demo test test-long check fmt docs docs-serve bench wheels update-golden lock clean system-packages

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

$(BIN)/python:
	@sh scripts/make-venv.sh "$(PYTHON)" "$(VENV)"

$(VENV)/.installed: requirements/runtime.txt requirements/build.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements/build.txt -r requirements/runtime.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.installed
	$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

install: $(VENV)/.installed ## .venv/bin/sekisho, from the lock file
dev: $(VENV)/.dev ## what tests and checks need as well

demo: install ## the main job, end to end: a company's logs, audited
	@sh scripts/demo.sh "$(BIN)/sekisho" demo

system-packages: ## Debian packages that some tests and benchmarks use
	@sh scripts/system-packages.sh

test: dev system-packages ## all the tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "not slow" -rs

test-long: dev system-packages ## longer proofs: large fuzzing, soaks
	$(BIN)/python -m pytest -m slow -rs

check: dev ## format, lint, strict types, import contracts, test mirror, documentation
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/mirror.py
	$(BIN)/python scripts/reference.py --check
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict -d build/site

fmt: dev ## format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: dev ## the documentation as a site in build/site
	$(BIN)/python scripts/reference.py
	$(BIN)/mkdocs build --strict -d build/site

docs-serve: dev ## the same on http://127.0.0.1:8000 while you write
	$(BIN)/mkdocs serve

bench: dev system-packages ## the benchmarks, with ratios against a floor and a peer
	$(BIN)/python -m benchmarks

update-golden: dev ## renew golden files; review the diff like code
	UPDATE_GOLDEN=1 $(BIN)/python -m pytest tests/reports tests/watch tests/contain/backends -q

wheels: dev ## dist/wheels: everything for an install without a network
	$(BIN)/python -m build --no-isolation --wheel -o dist/wheels
	$(PIP) download --require-hashes --only-binary :all: -d dist/wheels -r requirements/runtime.txt
	@cp requirements/runtime.txt dist/wheels/
	@echo "dist/wheels: pip install --no-index --find-links dist/wheels sekisho"

lock: ## renew the lock files (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements/runtime.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links requirements/build.in -o requirements/build.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links pyproject.toml --extra spark --extra clickhouse --extra postgres --extra napalm --extra attack --extra warninglists --group dev -o requirements/dev.txt

clean: ## everything that was made here
	rm -rf $(VENV) build dist demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test check format coverage bench bench-apply clean

help:  ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: .venv/ready  ## real Terraform creates a CloudHSM key store and a key in it, then destroys both
	$(BIN)/python scripts/demo.py

test: .venv/ready  ## run all tests, those with real Terraform too
	$(BIN)/python -m pytest -n 4 --dist worksteal $(ARGS)

check: .venv/ready  ## ruff, mypy, the layering, the Dockerfile, and whether the docs are true to the code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile
	$(BIN)/python scripts/docs.py --check
	$(BIN)/python scripts/fixtures_reference.py --check

format: .venv/ready  ## format the code and write the generated docs anew
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python scripts/docs.py
	$(BIN)/python scripts/fixtures_reference.py

coverage: .venv/ready  ## write docs/provider-coverage.md from what the tests have shown when they last ran
	$(BIN)/python scripts/provider_coverage.py

bench: .venv/ready  ## CPU a request, cold start and memory beside other emulators, as ratios
	$(BIN)/python -m bench $(ARGS)

bench-apply: .venv/ready  ## how long an apply of 40 keys takes beside one against a server that answers instantly
	$(BIN)/python -m bench.applying $(ARGS)

clean:  ## remove everything that the other targets have made
	rm -rf .venv .tools .bench build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "mockaws needs Python 3.11 or newer; say which with: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

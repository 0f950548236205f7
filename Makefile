PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check

# Without compiled files each worker compiles all tests again, and each started server all of mockaws.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test quick mutants docs fuzz check audit lock sbom format coverage compare bench bench-apply bench-abuse bench-soak clean

help:  ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: .venv/runs  ## create a CloudHSM key store and a key in it with real Terraform, then destroy both
	$(BIN)/python scripts/demo.py

test: .venv/ready  ## run all tests, with real Terraform
	$(BIN)/python -m pytest -n 4 --dist worksteal $(ARGS)

quick: .venv/ready  ## run the unit tests but the slow ones, in less than a minute
	$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist worksteal -m "not slow" tests/unit tests/store $(ARGS)

mutants: .venv/ready  ## change rules, policies, key states, paging and stores, and list the changes that no test notices
	$(BIN)/mutmut run $(ARGS)
	$(BIN)/mutmut results

fuzz: .venv/ready  ## fuzz with new inputs each time, until a failure or the end of FUZZ_SECONDS
	$(BIN)/python -m tests.fuzz $(ARGS)

check: .venv/ready  ## check style, types, layers, prose, the Dockerfile, the docs, the locks and known vulnerabilities
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile
	$(BIN)/python scripts/prose.py
	$(BIN)/python scripts/diagrams.py --check
	$(BIN)/python scripts/docs.py --check
	$(BIN)/python scripts/fixtures_reference.py --check
	$(BIN)/python scripts/control_reference.py --check
	$(BIN)/python scripts/lock.py --check
	$(BIN)/python scripts/audit.py

audit: .venv/ready  ## look for known vulnerabilities of all locked versions, which needs a network
	$(BIN)/python scripts/audit.py $(ARGS)

lock: .venv/ready  ## write requirements/*.txt from pyproject.toml; with ARGS=--upgrade the newest versions
	$(BIN)/python scripts/lock.py $(ARGS)

sbom: .venv/ready  ## write dist/sbom.cdx.json, the image's locked packages, as CycloneDX
	@mkdir -p dist
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --output-file dist/sbom.cdx.json requirements/image.txt

docs: .venv/docs/ready  ## write the documentation as a site into build/site
	NO_MKDOCS_2_WARNING=1 .venv/docs/bin/mkdocs build --strict --quiet

format: .venv/ready  ## format the code and write the generated docs
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python scripts/docs.py
	$(BIN)/python scripts/fixtures_reference.py
	$(BIN)/python scripts/control_reference.py

coverage: .venv/ready  ## write docs/provider-coverage.md from the last run of the tests
	$(BIN)/python scripts/provider_coverage.py

compare: .venv/ready  ## write docs/comparison.md from probes that run against each emulator
	$(BIN)/python scripts/compare.py $(ARGS)

bench: .venv/ready  ## measure CPU for each request, cold start and memory beside other emulators, as ratios
	$(BIN)/python -m bench $(ARGS)
	$(BIN)/python -m bench.abuse --seconds 2
	$(BIN)/python -m bench.soak --calls 100000

bench-apply: .venv/ready  ## measure an apply of 40 keys beside one against a server that answers instantly
	$(BIN)/python -m bench.applying $(ARGS)

bench-abuse: .venv/ready  ## measure the latency of a well-behaved client while others abuse the server
	$(BIN)/python -m bench.abuse $(ARGS)

bench-soak: .venv/ready  ## measure memory over 1,000,000 calls that create and delete
	$(BIN)/python -m bench.soak $(ARGS)

clean:  ## remove all files that the other targets make
	rm -rf .venv .tools .bench build dist mutants *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

# `make demo` needs this much, and `make test` adds the rest to it.
.venv/runs: pyproject.toml requirements/build.txt requirements/demo.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "mockaws needs Python 3.11 or newer. Name one: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv .venv
	$(INSTALL) --require-hashes --requirement requirements/demo.txt
	$(INSTALL) --no-deps --no-index --no-build-isolation --editable .
	@touch $@

.venv/docs/ready: .venv/runs requirements/docs.txt
	$(PYTHON) -m venv .venv/docs
	.venv/docs/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/docs.txt
	@touch $@

.venv/ready: .venv/runs requirements/dev.txt
	$(INSTALL) --require-hashes --requirement requirements/build.txt
	$(INSTALL) --require-hashes --no-build-isolation --requirement requirements/dev.txt
	@touch $@

PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test fuzz check audit lock sbom format coverage bench bench-apply bench-abuse bench-soak clean

help:  ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: .venv/ready  ## real Terraform creates a CloudHSM key store and a key in it, then destroys both
	$(BIN)/python scripts/demo.py

test: .venv/ready  ## run all tests, those with real Terraform too
	$(BIN)/python -m pytest -n 4 --dist worksteal $(ARGS)

fuzz: .venv/ready  ## fuzz with new inputs each time, until something fails or FUZZ_SECONDS have passed
	$(BIN)/python -m tests.fuzz $(ARGS)

check: .venv/ready  ## ruff, mypy, the layering, the Dockerfile, the locks, known vulnerabilities, and the docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile
	$(BIN)/python scripts/docs.py --check
	$(BIN)/python scripts/fixtures_reference.py --check
	$(BIN)/python scripts/lock.py --check
	$(BIN)/python scripts/audit.py

audit: .venv/ready  ## look for known vulnerabilities of all locked versions, which needs a network
	$(BIN)/python scripts/audit.py $(ARGS)

lock: .venv/ready  ## write requirements/*.txt from pyproject.toml; with ARGS=--upgrade the newest versions
	$(BIN)/python scripts/lock.py $(ARGS)

sbom: .venv/ready  ## write dist/sbom.cdx.json, what the image is locked to, as CycloneDX
	@mkdir -p dist
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --output-file dist/sbom.cdx.json requirements/image.txt

format: .venv/ready  ## format the code and write the generated docs anew
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python scripts/docs.py
	$(BIN)/python scripts/fixtures_reference.py

coverage: .venv/ready  ## write docs/provider-coverage.md from what the tests have shown when they last ran
	$(BIN)/python scripts/provider_coverage.py

bench: .venv/ready  ## CPU a request, cold start and memory beside other emulators, as ratios
	$(BIN)/python -m bench $(ARGS)
	$(BIN)/python -m bench.abuse --seconds 2
	$(BIN)/python -m bench.soak --calls 100000

bench-apply: .venv/ready  ## how long an apply of 40 keys takes beside one against a server that answers instantly
	$(BIN)/python -m bench.applying $(ARGS)

bench-abuse: .venv/ready  ## what a well-behaved client notices while others abuse the server
	$(BIN)/python -m bench.abuse $(ARGS)

bench-soak: .venv/ready  ## 1,000,000 calls that create and delete: does memory stay flat?
	$(BIN)/python -m bench.soak $(ARGS)

clean:  ## remove everything that the other targets have made
	rm -rf .venv .tools .bench build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/ready: pyproject.toml requirements/build.txt requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "mockaws needs Python 3.11 or newer; say which with: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv .venv
	$(INSTALL) --require-hashes --requirement requirements/build.txt
	$(INSTALL) --require-hashes --no-build-isolation --requirement requirements/dev.txt
	$(INSTALL) --no-deps --no-index --no-build-isolation --editable .
	@touch $@

# Every command of the project; `make` alone explains them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3.11
VENV := .venv
PULSE := $(VENV)/bin/pulse
RUN := $(VENV)/bin/python -m

##@ Look
.PHONY: help demo up down status
help: ## this help
	@echo "New here? Run: make demo"
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: setup ## fetch what is missing, start everything, stream postings, show the top skills from Trino
	@$(PULSE) demo

up: setup ## start the services and the stream, or what of them is not running
	@$(PULSE) up

down: $(VENV)/.installed ## stop everything; the data stays
	@$(PULSE) down

status: $(VENV)/.installed ## what runs, since when, how healthy
	@$(PULSE) status

##@ Build and prove
.PHONY: setup lint test test-full chaos evaluate bench
setup: $(VENV)/.installed ## fetch and build what the services need, checked against the committed checksums
	@$(PULSE) setup

lint: $(VENV)/.installed ## format, style, types, architecture, generated files
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-logo
	$(PULSE) contracts check

test: setup lint ## all tests that end within minutes, on the real services
	$(RUN) pytest -m "not slow"

test-full: setup lint ## every test, the long proofs too; writes docs/test-report.md
	$(RUN) pytest --test-report=docs/test-report.md

chaos: setup ## every fault of the matrix, one by one; writes docs/faults.md
	$(RUN) pytest -m fault --faults-report=docs/faults.md

evaluate: $(VENV)/.installed ## how well postings are read, on labelled sets; writes docs/quality.md
	@$(PULSE) evaluate

bench: setup ## freshness, throughput, overhead and extract, written to docs/benchmarks.md
	$(PULSE) bench extract
	$(PULSE) bench throughput
	$(PULSE) bench overhead
	$(PULSE) bench freshness

##@ Maintain
.PHONY: contracts format requirements clean
contracts: $(VENV)/.installed ## write what is generated from src/talentpulse/contracts: DDL, data dictionary
	@$(PULSE) contracts write

format: $(VENV)/.installed ## put every file into the project's format
	$(RUN) ruff format .
	$(RUN) ruff check --fix .

requirements: $(VENV)/.installed ## compile requirements/*.txt from pyproject.toml, pinned with hashes
	$(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml -o requirements/runtime.txt
	$(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -c requirements/runtime.txt pyproject.toml --group dev -o requirements/dev.txt

clean: $(VENV)/.installed ## list what the stack keeps on disk, and remove it when you agree
	@$(PULSE) clean

# The environment: pinned and hashed. pip brings uv, uv brings the rest side by side.
$(VENV)/.installed: requirements/bootstrap.txt requirements/dev.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "error: Python 3.11 was expected, $(PYTHON) is not on the PATH"; echo "  mend: apt-get install python3.11 python3.11-venv, or make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "making $(VENV) (about a minute)"
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@$(VENV)/bin/uv pip install --quiet --python $(VENV)/bin/python --require-hashes -r requirements/dev.txt
	@$(VENV)/bin/uv pip install --quiet --python $(VENV)/bin/python --no-build-isolation --no-deps -e .
	@touch $@

# Allmende.  `make serve` and `make test` work alone on a fresh clone.
.DEFAULT_GOAL := help
SHELL := bash
VENV := .venv/bin

.PHONY: help setup serve test test-sqlite test-postgres check bench format messages requirements clean

help: ## Name the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Make .venv and compile the message catalogues
	@scripts/setup

serve: setup ## Load the demo region (first time) and serve on 127.0.0.1:8000 (PORT=…, ALLMENDE_DATA=…)
	@exec $(VENV)/allmende serve --demo

test: ## Run all tests: SQLite, PostgreSQL, Chromium
	@scripts/test

check: setup ## Run all checks: style, types, imports, migrations, translations, docs
	@scripts/check

bench: setup ## Measure (see docs/reference/measurements.md)
	@$(VENV)/python -m bench $(ARGS)

format: setup ## Format the code
	@$(VENV)/ruff check --quiet --fix . || true
	@$(VENV)/ruff format --quiet .

messages: setup ## Collect and update the message catalogues, then compile them
	@scripts/messages

COMPILE := $(VENV)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-header

requirements: setup ## Resolve pyproject.toml into requirements.txt and requirements-spark.txt again
	@$(COMPILE) --extra dev --output-file requirements.txt pyproject.toml
	@$(VENV)/python scripts/tidy.py extra spark | $(COMPILE) --constraints requirements.txt --output-file requirements-spark.txt -

clean: ## Remove what can be made again; data in var/ stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The two commands of the README are `make run` and `make test`. Everything else is a part of them.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8080
ROOT_PATH ?=
BUILD_FLAGS ?=

.PHONY: run test bench build docs setup voice-catalog fix clean help

run: build ## Set up, build and serve (HOST, PORT, ROOT_PATH)
	@.venv/bin/python server.py --host "$(HOST)" --port "$(PORT)" --root-path "$(ROOT_PATH)"

test: ## Set up, build and run every check and test
	@$(PYTHON) -m scripts.setup
	@.venv/bin/python -m scripts.verify

bench: build ## Measure speed and memory in the browser
	@.venv/bin/python -m scripts.bench

build: setup ## Build the site into static/dist (BUILD_FLAGS=--best for a release)
	@.venv/bin/python -m scripts.build $(BUILD_FLAGS)

docs: setup ## Build the documentation site into static/docs
	@.venv/bin/python -m scripts.documentation

setup: ## Bring the Python environment, Node and the packages
	@$(PYTHON) -m scripts.setup

voice-catalog: setup ## Write models/catalog.json from the voice packs
	@.venv/bin/python -m scripts.catalog

fix: setup ## Format the sources, apply the safe corrections of the linters, renew docs/api
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .
	@.venv/bin/python -m scripts.tools npx biome check --write
	@.venv/bin/python -m scripts.api_reference

clean: ## Remove everything generated except the environments
	rm -rf static/dist static/docs .cache/build .cache/stamps/site .cache/stamps/web .cache/stamps/wheel test-results

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 18

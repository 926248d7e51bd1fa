# Everything that people and CI type. Each target sets up what it needs, and says what the machine lacks first.
PYTHON ?= python3
PORT ?= 8545
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup demo test check fuzz bench docs lock clean

help:          ## this list
	@grep -E '^[a-z]+: .*##' Makefile | sed -E 's/: .*##/\t/' | expand -t 12

setup:         ## environment, llama.cpp, npm packages and the model; a second run takes seconds
	@$(PYTHON) bootstrap setup

demo:          ## one day of a treasury on a real chain with a real model (PORT=8545)
	@$(PYTHON) bootstrap demo --port $(PORT)
	@$(BIN)/treasurer demo --port $(PORT)

test:          ## check, then every test, also where the check fails (ONLY=path narrows it)
	@$(PYTHON) bootstrap test
	@status=0; $(MAKE) --no-print-directory check || status=$$?; \
		$(BIN)/pytest -q $(ONLY) || status=$$?; exit $$status

check: .types/treasurer ## lint, format, types, floors, docs; needs no compiler and no model
	@test -x $(BIN)/ruff || $(PYTHON) bootstrap check
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build/html

fuzz:          ## forged calldata and typed data before the judge (SEED=1 INPUTS=1000000; ONLY=n tries one again)
	@test -x $(BIN)/python || $(PYTHON) bootstrap check
	@$(BIN)/python tests/fuzz $(if $(ONLY),--only $(ONLY),--seed $(or $(SEED),1) --inputs $(or $(INPUTS),1000000))

bench:         ## the numbers, as JSON lines, each beside its peer (ONLY=name runs one)
	@$(PYTHON) bootstrap setup >&2
	@$(BIN)/python bench $(ONLY)

docs: .types/treasurer ## the documentation, in docs/_build/html
	@$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build/html

lock:          ## resolve pyproject.toml again into requirements.lock, for every platform, with hashes
	@$(BIN)/uv pip compile pyproject.toml --extra local --extra simulation --group dev --universal --generate-hashes \
		--python-version 3.11 --custom-compile-command "make lock" --quiet --output-file requirements.lock

clean:         ## remove what was built in this clone; the cache stays (TREASURER_CACHE, ~/.cache/treasurer)
	rm -rf .venv .types .cache build dist docs/_build *.egg-info .mypy_cache .pytest_cache .ruff_cache \
		.import_linter_cache .hypothesis

# mypy finds the package through this link: the clone's folder may have any name.
.types/treasurer:
	@mkdir -p .types && ln -sfn .. .types/treasurer

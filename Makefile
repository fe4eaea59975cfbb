# make brief   the main job: a country's brief on real data, in brief/
#              FOCUS, PARTNER, and PLAN: the country's own programme where one is on record; PLAN= for none, or
#              PLAN='--budget "1 billion USD" --from 2026 --to 2032'
# make serve   the pages, on this machine alone: http://127.0.0.1:8000/ (PORT=…)
# make test    everything that CI checks
# make crash   writers killed at random moments; make bits: flipped bits of the store; make fuzz-files: spoilt files of a
#              person; make fuzz: generated questions and levers; make planted: errors in publishers' files; make bytes:
#              the same bytes everywhere; make kinds: known kinds of fault, one by one; make limits: what the largest
#              questions take; each writes its section of docs/trust.md
# Each makes .venv once (by uv where there is one, else by pip), and touches nothing outside: brief and serve from
# requirements-run.lock, which is what runs, the others from requirements.lock, which has the tools too.

FOCUS ?= IND
PARTNER ?= RUS
PLAN ?= --plan-if-any
OUT ?= brief
BIN := .venv/bin
STAMP := .venv/installed
RUN := .venv/installed-run
WORKERS ?= 2
KILLS ?= 200
BITS ?= 340
FILES ?= 5000
INPUTS ?= 20000
LEVERS ?= 8440
ERRORS ?= 400
SEED ?= 0
PORT ?= 8000

.PHONY: crash bits bytes fuzz fuzz-files kinds limits planted brief serve test bench docs sources lock clean

brief: $(RUN)
	$(BIN)/khanij brief $(FOCUS) --partner $(PARTNER) $(PLAN) --out $(OUT)

serve: $(RUN)
	$(BIN)/khanij serve --port $(PORT) --state .runs

test: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n $(WORKERS)  # one thread of linear algebra a worker

bench: $(STAMP)
	@missed=; for file in benchmarks/*.py; do \
	  echo "== $$file"; $(BIN)/python "$$file" || missed="$$missed $$file"; \
	done; \
	test -z "$$missed" || { echo "missed or failed:$$missed"; exit 1; }

crash: $(STAMP)
	OPENBLAS_NUM_THREADS=1 $(BIN)/python tests/tools/crash.py $(KILLS) $(SEED) --page

fuzz-files: $(STAMP)
	$(BIN)/python tests/tools/fuzz_files.py $(FILES) $(SEED) --page

# Every field and option of every question, and every kind of lever
fuzz: $(STAMP)
	OPENBLAS_NUM_THREADS=1 $(BIN)/python tests/tools/fuzz.py $(INPUTS) $(SEED) --page
	OPENBLAS_NUM_THREADS=1 $(BIN)/python tests/tools/fuzz_levers.py $(LEVERS) $(SEED) --page

# Errors planted in the publishers' files below ../shared/data
planted: $(STAMP)
	$(BIN)/python tests/tools/planted.py $(ERRORS) $(SEED) --page

bytes: $(STAMP)
	$(BIN)/python tests/tools/same_bytes.py --page

kinds: $(STAMP)
	OPENBLAS_NUM_THREADS=1 $(BIN)/python tests/tools/kinds.py --page

limits: $(STAMP)
	OPENBLAS_NUM_THREADS=1 $(BIN)/python benchmarks/limits.py --page

bits: $(STAMP)
	$(BIN)/python tests/tools/bits.py $(BITS) $(SEED) --page

docs: $(STAMP)
	$(BIN)/mkdocs build --strict --quiet --site-dir site

sources: $(STAMP)
	$(BIN)/python docs/build.py README.md

# The lock is made by uv: one version for every platform and Python from 3.11 on, with hashes and without an address.
lock:
	uv pip compile pyproject.toml --extra dev --extra docs --extra plan --extra dask --universal --python-version 3.11 --fork-strategy fewest \
	  --generate-hashes --no-header --no-emit-index-url --quiet --output-file requirements.lock
	uv pip compile pyproject.toml --extra plan --extra build --constraints requirements.lock --universal --python-version 3.11 \
	  --fork-strategy fewest --generate-hashes --no-header --no-emit-index-url --no-annotate --quiet --output-file requirements-run.lock

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache brief site dist build
	find src tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} +

# The first Python from 3.11 on that can make an environment: a name on PATH may be an old one, or a shim of none.
$(STAMP): requirements.lock pyproject.toml
$(RUN): requirements-run.lock pyproject.toml  # what has the tools has what runs
$(STAMP) $(RUN):
	@set -e; lock=$(filter %.lock,$^); \
	if test $@ = $(RUN) && test $(STAMP) -nt pyproject.toml && test $(STAMP) -nt requirements.lock; then touch $@; exit 0; fi; \
	uv=$$(command -v uv || true); \
	if ! $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	  need=$$(test -n "$$uv" && echo sys || echo ensurepip); \
	  for name in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	    if "$$name" -c "import sys, $$need; sys.exit(sys.version_info < (3, 11))" >/dev/null 2>&1; then \
	      found=$$name; break; \
	    fi; \
	  done; \
	  if test -z "$${found:-}"; then \
	    echo 'error: no Python from 3.11 on that can make a virtual environment' >&2; \
	    echo 'where: PATH' >&2; \
	    echo 'hint:  install Python >= 3.11 with venv, or name one: make test PYTHON=/path/to/python3' >&2; \
	    exit 2; \
	  fi; \
	  echo "making .venv with $$found"; \
	  "$$found" -m venv --clear $$(test -n "$$uv" && echo --without-pip) .venv; \
	fi; \
	echo 'installing the locked versions into .venv'; \
	if test -n "$$uv"; then \
	  "$$uv" pip install --quiet --python $(BIN)/python --require-hashes -r $$lock; \
	  "$$uv" pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
	  $(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null; \
	  pip="$(BIN)/python -m pip --disable-pip-version-check install --quiet --progress-bar off"; \
	  $$pip --require-hashes -r $$lock; \
	  $$pip --no-deps --no-build-isolation -e .; \
	fi; \
	touch $@

# Two commands matter: `make run` and `make test`. Each sets up everything that it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
STUDY ?= studies/sample

# uv trusts the certificates that this machine trusts, as pip does: a ministry's or university's network may have its own.
ifneq ($(wildcard /etc/ssl/certs/*),)
export UV_SYSTEM_CERTS ?= 1
endif

.PHONY: run serve test lint types floors unit spark bench stress docs locks clean

run: $(VENV)/.run ## assess the sample study
	$(BIN)/canbao assess $(STUDY)

serve: $(VENV)/.web ## open the sample study's workbench in the browser
	$(BIN)/canbao serve $(STUDY)

test: lint types floors unit ## everything that must hold before a change lands

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

floors: $(VENV)/.dev ## arrows between rooms run downwards only
	$(BIN)/lint-imports

unit: $(VENV)/.dev
	$(BIN)/pytest -n auto --dist loadscope -m "not stress"

spark: $(VENV)/spark/.made ## the engine inside Spark, in an environment of its own (0.9 GB); needs Java 17 or newer
	@command -v java >/dev/null || { echo "Spark needs Java. On Debian or Ubuntu: apt-get install default-jre-headless"; exit 2; }
	$(VENV)/spark/bin/pytest tests/engine/test_spark.py tests/exchange/ledger/test_spark.py

stress: $(VENV)/.dev ## long abuse: kills at random moments, mangled files, a room of two thousand phones
	$(BIN)/pytest -n auto -m stress --ignore tests/workbench/test_load.py
	$(BIN)/pytest -m stress tests/workbench/test_load.py -rP # takes the time, so it runs alone

bench: $(VENV)/.dev ## speed, side by side with peers; see benchmarks/README.md
	$(BIN)/python -m benchmarks

docs: $(VENV)/.dev ## calculate the pages that are calculated
	$(BIN)/python docs/pages.py

$(VENV)/bin/uv: locks/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Canbao needs Python 3.11 or newer; $(PYTHON) is `$(PYTHON) --version`. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing. On Debian or Ubuntu: apt-get install python3-venv"; exit 2; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/uv.txt
	@touch $@

$(VENV)/.run: locks/run.txt pyproject.toml $(VENV)/bin/uv
	$(UV) pip install --python $(BIN)/python --quiet --compile-bytecode --require-hashes -r locks/run.txt
	$(UV) pip install --python $(BIN)/python --quiet --no-deps --editable .
	@touch $@

$(VENV)/.web: locks/web.txt $(VENV)/.run
	$(UV) pip install --python $(BIN)/python --quiet --require-hashes -r locks/web.txt
	@touch $@

$(VENV)/.dev: locks/dev.txt $(VENV)/.run
	$(UV) pip install --python $(BIN)/python --quiet --require-hashes -r locks/dev.txt
	@touch $@

$(VENV)/spark/.made: locks/spark.txt pyproject.toml $(VENV)/bin/uv
	$(UV) venv --quiet --allow-existing --python $(BIN)/python $(VENV)/spark
	$(UV) pip install --python $(VENV)/spark/bin/python --quiet --require-hashes -r locks/spark.txt
	$(UV) pip install --python $(VENV)/spark/bin/python --quiet --no-deps --editable .
	@touch $@

# Names, versions and hashes for every platform; no address of any registry.
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make locks" --no-annotate
locks: $(VENV)/bin/uv
	$(COMPILE) pyproject.toml -o locks/run.txt
	$(COMPILE) pyproject.toml --extra web -o locks/web.txt -c locks/run.txt
	cp locks/web.txt locks/postgres.txt # the same versions, and the driver
	$(COMPILE) pyproject.toml --extra web --extra postgres -o locks/postgres.txt -c locks/web.txt
	$(COMPILE) pyproject.toml --extra web --extra postgres --group dev -o locks/dev.txt -c locks/postgres.txt
	cp locks/run.txt locks/cuda.txt # the same versions, except where the extra cannot have them
	$(COMPILE) pyproject.toml --extra cuda -o locks/cuda.txt
	cp locks/dev.txt locks/spark.txt
	echo pytest | $(COMPILE) pyproject.toml - --extra spark -o locks/spark.txt
	echo uv | $(COMPILE) - -o locks/uv.txt
	echo svy==0.35.0 | $(COMPILE) - -o locks/svy.txt
	printf 'pm4py==2.7.23.11\npyarrow\n' | $(COMPILE) - -o locks/pm4py.txt
	echo openfisca-core==46.0.1 | $(COMPILE) - -o locks/openfisca.txt
	echo policyengine-core==3.33.12 | $(COMPILE) - -o locks/policyengine.txt
	printf 'ttsim-backend==1.3.2\njax\n' | $(COMPILE) - -o locks/ttsim.txt

clean:
	rm -rf $(VENV) build

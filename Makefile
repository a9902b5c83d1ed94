# make run, make test: each sets everything up by itself, in this folder alone (.venv, .models, .results).

HOST ?= 127.0.0.1
PORT ?= 8000
FILE ?= handler/sample.txt
TARGET ?= pt
STAGE ?= dev
EXAMPLES ?= 60
AWS_REGION ?= eu-west-1
# The first Python from 3.11 on that is to be found, unless PYTHON names one.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PEERS := bench/.peers

.DEFAULT_GOAL := help
.PHONY: help run demo test check lint types imports setup models tools template audit fuzz deploy remove bundle lambda bench clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

run: models ## translate and summarise a sample article, then serve the API on HOST:PORT (127.0.0.1:8000)
	@$(BIN)/python -m handler serve --host $(HOST) --port $(PORT)

demo: models ## translate and summarise FILE into TARGET
	@$(BIN)/python -m handler demo "$(FILE)" "$(TARGET)"

test: models ## run the tests
	@echo "== tests"
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

check: lint types imports template test ## all that CI checks: style, types, imports, tests

lint: setup
	@echo "== style"
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: setup
	@echo "== types"
	@$(BIN)/mypy

imports: setup
	@echo "== imports"
	@$(BIN)/lint-imports

setup: $(VENV)/.complete ## make .venv with everything in it

$(VENV)/.complete: requirements.txt requirements-dev.txt
	@test -n "$(PYTHON)" || { echo "Interlede needs Python 3.11 or later with venv; name one: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than Python 3.11; name a newer one: make PYTHON=/path/to/python" >&2; exit 1; }
	@echo "== setting up $(VENV) with $$($(PYTHON) --version) (once; about 680 MB)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/pip install --disable-pip-version-check --no-compile --progress-bar on -r requirements-dev.txt
	@$(BIN)/pip install --disable-pip-version-check --no-compile --progress-bar on --no-deps -r requirements.txt
	@touch $@

models: setup ## make the embedded English<->Portuguese models, if they are not there
	@$(BIN)/python -m infra.models

bundle: models ## make what AWS Lambda runs, for x86-64 and ARM64, in .bundle
	@$(BIN)/python -m infra.bundle

lambda: bundle ## run the bundle as on AWS Lambda, without AWS, on 127.0.0.1:9000; OPTIONS=--help lists what can be set
	@$(BIN)/python -m infra.emulator $(OPTIONS)

tools: setup ## set up in .tools what deploys, and what checks that
	@$(BIN)/python -m infra.tools

template: tools ## make the CloudFormation template of each stage in .tools/templates, and have it checked
	@echo "== template"
	@$(BIN)/python -m infra.template

audit: setup ## ask PyPI, which takes a network, whether what is pinned has known vulnerabilities
	@echo "== audit"
	@$(BIN)/python -m infra.tools audit
	@.tools/bin/pip-audit --strict --no-deps --disable-pip $(addprefix -r ,$(wildcard requirements*.txt))

fuzz: models ## have Schemathesis look for calls that OpenAPI does not describe; EXAMPLES for each call (60)
	@$(BIN)/python -m infra.tools fuzz
	@$(BIN)/python -m bench.fuzz --examples $(EXAMPLES)

deploy: bundle tools ## deploy to AWS as STAGE (dev), with PARAMS='name=value …' (docs/deploy.md)
	@AWS_REGION=$(AWS_REGION) .tools/bin/osls deploy --stage $(STAGE) $(addprefix --param ,$(PARAMS))

remove: tools ## remove from AWS what was deployed as STAGE (dev)
	@AWS_DEFAULT_REGION=$(AWS_REGION) $(BIN)/python -m infra.removal interlede-$(STAGE)
	@AWS_REGION=$(AWS_REGION) .tools/bin/osls remove --stage $(STAGE)

bench: models $(PEERS)/.complete ## run the benchmarks of translation; NTREX names a folder with the NTREX-128 files
	@test -n "$(NTREX)" || { echo "name the folder: make bench NTREX=/path/to/ntrex" >&2; exit 1; }
	@$(BIN)/python -m bench.translation "$(NTREX)"
	@$(BIN)/python -m bench.servers "$(NTREX)"

$(PEERS)/.complete: bench/libretranslate.txt bench/package.json | models
	@echo "== setting up the peers in $(PEERS) (once; about 620 MB)"
	@$(BIN)/python -m bench.setup
	@touch $@

clean: ## remove what was set up, and the kept results
	rm -rf $(VENV) .models .results .bundle .serverless .tools $(PEERS) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

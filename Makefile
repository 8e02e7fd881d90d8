# make demo   run the main job on a made-up year;  make demo-google   the same by HTTP, on a stand-in for Google
# make year   live a made-up year day by day and tell its story
# make test   run the tests;  make lint   check style, types and layers
# make lock   renew the two lock files (needs pip-tools, installs it)
.PHONY: demo demo-google year test lint lock bench clean

PYTHON ?= python3
RUN := .venv/.ready
DEV := .venv/.ready-dev

$(RUN): requirements.txt pyproject.toml
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(DEV): $(RUN) requirements-dev.txt
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

demo: $(RUN)
	.venv/bin/kith demo

demo-google: $(DEV)
	.venv/bin/python -m tests.google.story

year: $(DEV)
	.venv/bin/python -m tests.year

test: $(DEV)
	.venv/bin/python -m pytest -n 2 --dist loadgroup $(ARGS)

lint: $(DEV)
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: $(DEV)
	.venv/bin/python benchmarks/first_import.py
	.venv/bin/python benchmarks/ticks.py
	.venv/bin/python benchmarks/quiet.py
	.venv/bin/python benchmarks/ledger.py
	.venv/bin/python -m benchmarks.google

lock:
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/pip install --quiet pip-tools
	.venv-lock/bin/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --extra build --output-file requirements.txt pyproject.toml
	.venv-lock/bin/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --extra dev --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml
	rm -rf .venv-lock

clean:
	rm -rf .venv .venv-lock build dist demo *.egg-info

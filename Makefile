# make demo   run the main job on a made-up year;  make demo-google   the same by HTTP, on a stand-in for Google
# make year   live a made-up year day by day and tell its story
# make test   run the tests;  make lint   check style, types and layers
# make screenshots   the pictures of the review's page in docs/ (needs Chromium)
# make install, make uninstall   as root: Kith in /opt/kith and its systemd units (systemd/README.md)
# make lock   renew the two lock files (needs pip-tools, installs it)
.PHONY: demo demo-google year screenshots test lint install install-units uninstall lock bench clean

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
	.venv/bin/python -m pytest -n 3 --dist loadgroup $(ARGS)

lint: $(DEV)
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/hadolint Containerfile
	.venv/bin/compose-lint check --quiet --fail-on low compose.example.yaml

screenshots: $(DEV)
	.venv/bin/python -m tests.page.screenshots

bench: $(DEV)
	.venv/bin/python benchmarks/first_import.py
	.venv/bin/python benchmarks/ticks.py
	.venv/bin/python benchmarks/quiet.py
	.venv/bin/python benchmarks/ledger.py
	.venv/bin/python -m benchmarks.google
	.venv/bin/python benchmarks/page.py

HOME_OF_KITH := /opt/kith
UNITS := kith.service kith@.service kith-once.service kith.timer kith-once@.service kith-once@.timer

install:
	$(PYTHON) -m venv $(HOME_OF_KITH)
	$(HOME_OF_KITH)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(HOME_OF_KITH)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation .
	ln -sf $(HOME_OF_KITH)/bin/kith /usr/local/bin/kith
	$(MAKE) install-units
	systemd-sysusers /usr/local/lib/sysusers.d/kith.conf
	systemctl daemon-reload

install-units:
	install -D -m 0644 -t $(DESTDIR)/etc/systemd/system $(addprefix systemd/,$(UNITS))
	install -D -m 0644 -t $(DESTDIR)/usr/local/lib/sysusers.d systemd/sysusers.d/kith.conf
	install -d -m 0755 $(DESTDIR)/etc/kith

uninstall:
	rm -f $(addprefix $(DESTDIR)/etc/systemd/system/,$(UNITS)) $(DESTDIR)/usr/local/lib/sysusers.d/kith.conf
	rm -rf $(DESTDIR)$(HOME_OF_KITH)
	rm -f $(DESTDIR)/usr/local/bin/kith
	test -n "$(DESTDIR)" || systemctl daemon-reload

lock:
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/pip install --quiet pip-tools
	.venv-lock/bin/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --extra build --output-file requirements.txt pyproject.toml
	.venv-lock/bin/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --extra dev --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml
	rm -rf .venv-lock

clean:
	rm -rf .venv .venv-lock build dist demo *.egg-info

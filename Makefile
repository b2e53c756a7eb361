# Two commands: `make run` shows the whole portal, `make test` proves it. Both set up what they need in .venv.

PYTHON ?= python3
BIN := .venv/bin
# Wheels that `make bundle` packed are used instead of the network.
OFFLINE := $(if $(wildcard wheels/*.whl),--no-index --find-links wheels)
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --require-hashes
LINUX := manylinux2014 manylinux_2_17 manylinux_2_28 manylinux_2_34

.PHONY: run test quick shuffle bundle lint lock messages clean

run: .venv/run.stamp
	$(BIN)/python manage.py demo

test: .venv/test.stamp
	$(BIN)/python -m pytest -n auto

# While writing: what a change breaks first, in less than a minute. No browser, nothing that races, nothing slow.
quick: .venv/test.stamp
	$(BIN)/python -m pytest -q -n auto -m "not browser and not slow" \
	  $(foreach room,rules services queries forms views,tests/$(room))

# The suite in another order each time, files and the tests of each: a test that leans on the one before it falls over.
# SEED=… repeats an order.
shuffle: SEED ?= $(shell date +%s)
shuffle: .venv/test.stamp
	$(BIN)/python -m pytest -n auto --random-order-bucket=module --random-order-seed=$(SEED)

lint: .venv/test.stamp
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/oxlint ideas/static

.venv/python.stamp:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	@echo "Making .venv with $(PYTHON) …"
	$(PYTHON) -m venv .venv
	touch $@

.venv/run.stamp: requirements.txt .venv/python.stamp
	@echo "Installing $$(grep -c == requirements.txt) packages into .venv, once; this takes half a minute or two …"
	$(INSTALL) $(OFFLINE) -r requirements.txt
	touch $@

.venv/test.stamp: requirements-dev.txt .venv/python.stamp
	@echo "Installing $$(grep -c == requirements-dev.txt) packages into .venv, once; this takes a minute or two …"
	$(INSTALL) -r requirements-dev.txt
	touch $@ .venv/run.stamp

# For offices without internet: carry the folder with its wheels/ over, then `make run` there.
bundle: .venv/python.stamp
	mkdir -p wheels
	sed 's/ ;[^\\]*//' requirements.txt > wheels/all.txt
	for version in 3.11 3.12 3.13; do for machine in x86_64 aarch64; do \
	  $(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
	    --python-version $$version $(foreach name,$(LINUX),--platform $(name)_$$machine) \
	    --require-hashes -r wheels/all.txt -d wheels || exit 1; \
	done; done
	ls wheels/*.whl | wc -l

# Needs uv: resolve for every supported Python and machine at once, with hashes; one version of each package, since
# `make bundle` asks pip for all of them at once.
lock:
	uv pip compile -q --universal --fork-strategy fewest --generate-hashes --python-version 3.11 --no-header --no-annotate --upgrade \
	  pyproject.toml -o requirements.txt
	uv pip compile -q --universal --fork-strategy fewest --generate-hashes --python-version 3.11 --no-header --no-annotate --group dev \
	  pyproject.toml -c requirements.txt -o requirements-dev.txt

# Needs gettext: find new texts, compile the catalogue, and name those that have no Chinese yet. The settings of the tests, since
# a fresh clone has no keys.
CATALOGUE := portal/locale/zh_Hans/LC_MESSAGES/django
messages: .venv/test.stamp
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py makemessages -l zh_Hans \
	  --ignore=.venv --ignore=tests --ignore=bench --no-wrap --no-location
	msgattrib --no-obsolete --no-wrap $(CATALOGUE).po -o $(CATALOGUE).po
	sed -i '/^"Report-Msgid-Bugs-To:/d;/^"POT-Creation-Date:/d' $(CATALOGUE).po
	msgfmt --check-format -o $(CATALOGUE).mo $(CATALOGUE).po
	@.ci/catalogue

clean:
	rm -rf .venv var .env wheels

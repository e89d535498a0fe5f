# Everything is started from here. `make run` on a fresh Debian 12/13 or Ubuntu 24.04 installs what
# is missing and runs the call centre until Ctrl-C; the second time that takes seconds.
# Settings are environment variables: CALLCENTER_WEB_PORT=8081 make run

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TESTS_AT_ONCE ?= 4
PYTHON_VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
# A stamp names the Python and the lock file it stands for: with another one, another stamp.
lock_stamp = $(VENV)/.installed-$(1)-$(PYTHON_VERSION)-$(shell sha256sum requirements$(2).lock | cut -c1-16)
RUN_STAMP := $(call lock_stamp,run,.run)
TEST_STAMP := $(call lock_stamp,test,)

# One at a time: `make run` and `make demo` in two terminals would install into each other.
ALONE := test -w . || { echo "$$READ_ONLY" >&2; exit 1; }; umask 022; flock .make.lock sh -ec
export READ_ONLY = make writes into $(CURDIR), and this user cannot: copy it to a folder of your own \
(cp -r $(CURDIR) ~/callcenter) and run make there, or be the user whom it belongs to.

.PHONY: run nodes console console-check demo test faults mutants lint bench bench-engine bench-national docker-check help
.PHONY: packages-run packages-test packages-faults packages-bench

help:
	@echo "make run           install what is missing and run the call centre"
	@echo "make nodes         the same with a SIP edge (Kamailio) before Asterisk; NODES=2: two Asterisks"
	@echo "make console       build the operators' and supervisors' pages (run does it too)"
	@echo "make demo          real SIP callers and operators against a running one"
	@echo "make test          every check and test, with all real parts"
	@echo "make faults        break it under load and count what that costs; FAULT=F1 SEED=7 repeats one;"
	@echo "                   then the tests marked rare, which make test leaves out"
	@echo "make lint          the checks without the tests"
	@echo "make mutants       break each rule of the core in turn: which of them does no test watch?"
	@echo "make bench         measure it beside app_queue; make bench-engine: the engine alone"
	@echo "make bench-national  a day of the whole country in the engine, and how large the parts must be"
	@echo "make docker-check  the whole stack in containers: built, called, taken down, up again"

# The console's pages are built from their sources; CONSOLE=no does without (calls and API go on).
CONSOLE ?= yes
CONSOLE_DIR := callcenter/web/console
CONSOLE_SOURCES := $(filter-out %/schema.d.ts,$(wildcard $(addprefix $(CONSOLE_DIR)/,*.* public/* src/* src/*/*)))
CONSOLE_BUILT := $(if $(filter yes,$(CONSOLE)),$(CONSOLE_DIR)/dist/index.html)

run: $(RUN_STAMP) $(BIN)/callcenter $(CONSOLE_BUILT)
	@exec $(BIN)/python -m callcenter run

# Asterisk behind a SIP edge: phones register at Kamailio (dialplans/edge/README.md).
NODES ?= 1
nodes: $(RUN_STAMP) $(BIN)/callcenter $(CONSOLE_BUILT)
	@exec env CALLCENTER_NODES=$(NODES) $(BIN)/python -m callcenter run

demo: $(TEST_STAMP)
	@exec $(BIN)/python -m tests.demo

console: $(CONSOLE_DIR)/dist/index.html

$(CONSOLE_DIR)/dist/index.html: $(CONSOLE_SOURCES) | $(RUN_STAMP) $(BIN)/callcenter
	@$(BIN)/python -m callcenter.hosting.console build

console-check: $(CONSOLE_DIR)/dist/index.html
	@$(BIN)/python -m callcenter.hosting.console check

test: $(TEST_STAMP) $(BIN)/callcenter lint
	$(BIN)/python -m tests.parts
	$(BIN)/python -m pytest --numprocesses $(TESTS_AT_ONCE) --no-loadscope-reorder --durations 10

faults: $(TEST_STAMP) packages-faults $(CONSOLE_DIR)/dist/index.html
	@failed=0; $(BIN)/python -m tests.faults || failed=1; \
	test -n "$(FAULT)" || $(BIN)/python -m pytest -m rare --numprocesses 2 --durations 10 || failed=1; \
	exit $$failed

mutants: $(TEST_STAMP)
	@exec $(BIN)/python -m tests.mutants $(MUTANTS)

lint: $(TEST_STAMP) console-check
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(TEST_STAMP) packages-bench
	$(BIN)/python -m tests.bench

bench-engine: $(TEST_STAMP)
	$(BIN)/python -m tests.bench.engine

bench-national: $(TEST_STAMP)
	$(BIN)/python -m tests.bench.national --write

docker-check:
	@$(PYTHON) docker/check

packages-run packages-test packages-faults packages-bench: packages-%:
	@$(ALONE) 'exec $(PYTHON) -m callcenter.hosting.packages $*'

# The environment of the tests holds all that of a run: whichever is there first is kept.
$(RUN_STAMP): | packages-run
	@$(ALONE) 'test -e $@ || test -e $(TEST_STAMP) || \
		$(MAKE) --no-print-directory install LOCK=requirements.run.lock; touch $@'

$(TEST_STAMP): | packages-test
	@$(ALONE) 'test -e $@ || $(MAKE) --no-print-directory install LOCK=requirements.lock; touch $@'

# The environment alone, for units of systemd.
$(VENV): $(RUN_STAMP) $(BIN)/callcenter

# The command line, from wherever it is called: nothing of ours is installed, it runs from here.
# What it needs of the installation is found from wherever it is called.
$(BIN)/callcenter: $(RUN_STAMP) Makefile
	@printf '%s\n' '#!/bin/sh' \
		'export PYTHONPATH="$$(cd "$$(dirname "$$(readlink -f "$$0")")/../.." && pwd)"' \
		'export CALLCENTER_DATA_DIR="$${CALLCENTER_DATA_DIR:-$$PYTHONPATH/var}"' \
		'export CALLCENTER_SITE_FILE="$${CALLCENTER_SITE_FILE:-$$PYTHONPATH/dialplans/site.toml}"' \
		'exec "$$PYTHONPATH/$(BIN)/python" -m callcenter "$$@"' > $@
	@chmod 0755 $@

# Stamps go first: an installation that is interrupted is made again. Others than its owner must be
# able to read it: started by root, the parts run as users of their own.
.PHONY: install
install:
	@rm -f $(VENV)/.installed-*
	@$(BIN)/python -m pip --version 2>&1 | grep -q "(python $(PYTHON_VERSION))" || { \
		echo "making the Python environment"; umask 022; $(PYTHON) -m venv --clear $(VENV); }
	@echo "installing $(LOCK) (about a minute, once)"
	@umask 022; $(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps \
		--require-hashes --only-binary :all: --requirement $(LOCK)

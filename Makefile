# The verbs of the course; `make help` lists them. Everything runs in .venv, which make creates.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

# alphabetical; the order of reading is that of _toc.yml
SETS   := $(notdir $(wildcard solutions/*))
SAMPLE := _build/sample
COURSE ?= .
PORT   ?= 8000

.DEFAULT_GOAL := help
.PHONY: help course book pdf epub serve lab student-bundle exercises sample grade test check lint types update bench clean

help: ## list these verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# An environment knows its place and its Python. One that was moved, that lost its Python to a newer
# one, or that was left half-made is not ready; what can be kept of it is kept.
WHERE := import os, sys; print(os.path.realpath(sys.prefix), "%d.%d" % sys.version_info[:2])
ifneq ($(shell $(BIN)/python -c '$(WHERE)' 2>/dev/null),$(shell cat $(READY) 2>/dev/null))
.PHONY: $(READY)
endif

HAS_PIP := $(BIN)/python -m pip --version >/dev/null 2>&1

# commands of a moved environment begin with the path of a Python that is no longer there
define REPAIR
import os, pathlib, re, sys
new = os.path.realpath(sys.prefix).encode()
for path in pathlib.Path(sys.prefix, "bin").iterdir():
    text = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
    old = re.match(rb"#!(?:/bin/sh\n'''exec' \"?)?(/.+?)/bin/python.*\n(?:' '''\n)?", text)
    if old and old[1] != new:  # by way of sh, since the path may hold a space
        start = b"#!/bin/sh\n'''exec' \"%s/bin/python\" \"$$0\" \"$$@\"\n' '''\n" % new
        path.write_bytes(start + text[old.end():])
endef
export REPAIR
# files are UTF-8, whatever the locale
export PYTHONUTF8 := 1

# pip gets the exact versions from constraints.txt; a change of either file refreshes the environment
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, $(PYTHON) is %d.%d: try make PYTHON=python3.11" % sys.version_info[:2])'
	@echo "Installing into $(VENV), a few minutes the first time …"
	@$(HAS_PIP) || { $(BIN)/python -m ensurepip >/dev/null 2>&1 && $(HAS_PIP); } \
	  || { rm -rf $(VENV); $(PYTHON) -m venv $(VENV); } || { rm -rf $(VENV); \
	  echo "There is no environment. On Debian and Ubuntu: sudo apt install python3-venv, then the same command again." >&2; exit 3; }
	@$(BIN)/python -c "$$REPAIR"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[lab,book,grade,cluster,dev]'
	@$(BIN)/python -c '$(WHERE)' >$@

course: book exercises sample ## everything: book, exercises, and a sample class graded into a table
	@for set in $(SETS); do $(BIN)/mlpgrader grade $$set --course $(SAMPLE) || [ $$? -eq 1 ] || exit 1; \
	  $(BIN)/mlpgrader feedback $$set --course $(SAMPLE) || exit 1; done
	@echo
	@echo "book       _build/html/index.html   (make serve)"
	@echo "exercises  exercises/               (make lab)"
	@echo "feedback   $(SAMPLE)/feedback/"
	@echo "gradebook  $(SAMPLE)/gradebook.db"

book: $(READY) ## build the HTML book in _build/html
	@$(BIN)/python book/_tools

pdf: $(READY) ## print the built book into one file, _build/multilayer-perceptrons.pdf
	@$(BIN)/python book/_tools/print_book.py

epub: $(READY) ## write the built book for e-readers, _build/multilayer-perceptrons.epub
	@$(BIN)/python book/_tools/epub.py

serve: $(READY) ## show the built book at http://127.0.0.1:8000 (PORT=…)
	@test -f _build/html/index.html || { echo "There is no book yet: run make book first." >&2; exit 2; }
	@echo "The book is at http://127.0.0.1:$(PORT), Ctrl-C ends it."
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

# the terminals of JupyterLab find the commands, and what only instructors use is not shown
lab: $(READY) ## copy the problem sets to work/, never over an existing file, and open JupyterLab there
	@$(BIN)/mlpkit start
	@cd work && PATH="$(CURDIR)/$(BIN):$$PATH" JUPYTER_CONFIG_PATH="$(CURDIR)/lab" jupyter lab

student-bundle: book ## make the one file that students get, a zip in _build
	@$(BIN)/python lab/bundle.py

exercises: $(READY) ## make the student version of every problem set from solutions/
	@$(BIN)/mlpgrader release $(SETS)

sample: $(READY) ## build a sample class of submissions in _build/sample
	@$(BIN)/python -m tests.support.sample_class $(SAMPLE)

grade: $(READY) ## grade one set: SET=activations COURSE=. (the folder that holds submitted/)
	@test -n "$(SET)" || { echo "Say which set: make grade SET=activations COURSE=$(COURSE)" >&2; exit 2; }
	@$(BIN)/mlpgrader grade "$(SET)" --course "$(COURSE)"

test: $(READY) ## run all tests, those of the built book included
	@test -f _build/html/index.html || $(BIN)/python book/_tools
	@$(BIN)/python -m pytest -n auto

check: lint ## run lint, and the tests that are not slow
	@$(BIN)/python -m pytest -n auto -m "not slow and not book" -q

# the last line: which room may import which, and that nothing a sandbox shows imports more of ours
lint: $(READY) types ## check style, types, complexity, and what may import what
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/complexipy --plain
	@$(BIN)/python -m pytest -q tests/test_imports.py -m "not slow"

types: $(READY) ## check type annotations
	@$(BIN)/mypy

update: ## take the newest versions that pyproject.toml allows into constraints.txt
	@$(PYTHON) .ci/update.py

bench: $(READY) ## measure training, grading and the book, and write the page of it (QUICK=1: a little)
	@$(BIN)/python -m benchmarks

clean: ## remove what was built; work/, submitted/ and grades stay
	rm -rf _build .pytest_cache .ruff_cache .mypy_cache .complexipy_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

# Each target is one line that a person could type.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help start teach test build release site lint

help:  ## show this list
	@sed -n 's/^\([a-z]*\):.*## /make \1|/p' $(MAKEFILE_LIST) | column -t -s '|'

start: .venv/installed  ## install everything and open the course (ARGS=--no-browser for a server)
	$(BIN)/jupyter lab --notebook-dir=. --LabApp.default_url=/lab/tree/chapters/index.ipynb $(ARGS)

teach: .venv/installed  ## open JupyterLab with nbgrader's Formgrader for instructors, on a page that says what comes next
	$(BIN)/python -m autograder next
	cd autograder && PATH="$(CURDIR)/$(BIN):$$PATH" jupyter lab --notebook-dir=. --LabApp.default_url=/lab/tree/course/next.ipynb $(ARGS)

test: .venv/installed  ## install everything and run the tests (under 10 minutes on two cores)
	$(BIN)/python -m pytest -n 2 $(ARGS)

build: .venv/installed  ## make the notebooks from the masters
	$(BIN)/python -m autograder build $(ARGS)

release: .venv/installed  ## also execute the solved chapters, with their figures
	$(BIN)/python -m autograder build --execute $(ARGS)

site: .venv/installed  ## build the site to read, into build/site/html
	$(BIN)/python -m autograder site $(ARGS)

lint: .venv/installed  ## check style
	$(BIN)/ruff check .

.venv/installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and "Unrolled needs Python 3.11 or newer; $(PYTHON) is %d.%d. Name another: make PYTHON=python3.12" % v[:2])'
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo 'Unrolled needs the venv module of $(PYTHON). On Debian and Ubuntu: apt install python3-venv'; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	@touch $@

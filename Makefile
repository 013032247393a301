# Two commands matter: `make open` shows the lab, `make test` proves it. `make help` lists the rest.

VENV := .venv
BIN  := $(VENV)/bin
QUALITY := $(BIN)/python benchmarks/quality.py
# Streamlit takes 8501 or the next free one; `make open PORT=8080` insists.
PORT ?=
# For this machine alone: whoever reaches the dashboard may delete runs. `make open ADDRESS=0.0.0.0` opens it to others.
ADDRESS ?= localhost

# Targets share one virtual environment: they never run beside each other, whatever -j says.
.NOTPARALLEL:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

# PIP and Python settings of an activated environment must not leak into ours.
unexport VIRTUAL_ENV PYTHONHOME PYTHONPATH

.PHONY: help
help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: open
open: $(VENV)/.installed ## install what is missing and open the dashboard in a browser
	$(BIN)/streamlit run app.py --server.address $(ADDRESS) $(if $(PORT),--server.port $(PORT))

.PHONY: test
test: lint types imports ## install what is missing and run every check and test, the browser's among them
	$(BIN)/pytest -n 2 -m "not browser" $(PYTEST_ARGS)
	@browser=$$(PYTHON=$(BIN)/python sh tools/chromium.sh) && \
	  GENLAB_CHROMIUM="$$browser" $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m browser $(PYTEST_ARGS)

.PHONY: lint
lint: $(VENV)/.installed-dev ## ruff: rules and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: types
types: $(VENV)/.installed-dev ## mypy, strict
	$(BIN)/mypy

.PHONY: imports
imports: $(VENV)/.installed-dev ## import-linter: imports run one way
	$(BIN)/lint-imports

.PHONY: audit
audit: $(VENV)/.installed-dev ## pip-audit: what is known against the installed packages (asks a service; skipped without)
	$(BIN)/python tools/audit.py

.PHONY: format
format: $(VENV)/.installed-dev ## let ruff rewrite what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: bench
bench: $(VENV)/.installed-dev ## time training against the plain loop (some 5 minutes; wants a quiet machine)
	$(BIN)/python benchmarks/training.py

.PHONY: watching
watching: $(VENV)/.installed-dev ## time what an open dashboard costs a training (some 5 minutes; wants a quiet machine)
	@browser=$$(PYTHON=$(BIN)/python sh tools/chromium.sh) && \
	  GENLAB_CHROMIUM="$$browser" $(BIN)/python benchmarks/watching.py

.PHONY: load
load: $(VENV)/.installed-dev ## thirty visitors at one server: what they wait for and cost (some 4 minutes; wants a quiet machine)
	$(BIN)/python benchmarks/load.py

.PHONY: soak
soak: $(VENV)/.installed-dev ## ten minutes of training, watching and changing pages: whether the server's memory grows
	$(BIN)/python benchmarks/soak.py

.PHONY: quality
quality: $(VENV)/.installed-dev ## measure quality for time again, and make docs/quality (hours; what is measured is kept)
	$(QUALITY) --minutes 5
	$(QUALITY) --minutes 5 --only hybrid-classes dcgan-classes gan-classes gan-conditional vae-conditional
	$(QUALITY) --minutes 5 --only hybrid vae dcgan plain-dcgan --seeds 1 2
	$(QUALITY) --minutes 10 --only plain-gan --seeds 0 1 2
	$(QUALITY) --minutes 10 --only gan-classic
	$(QUALITY) --minutes 0.3333 --only hybrid --seeds 0 1 2
	$(QUALITY) --minutes 0.5 --only hybrid --seeds 0 1 2
	$(QUALITY) --minutes 1 --data digits --only hybrid vae dcgan gan dbn hmm
	$(QUALITY) --minutes 1 --data mnist-5k-colour --only hybrid vae dcgan gan

.PHONY: scoring
scoring: $(VENV)/.installed-dev ## time what scoring costs the training beside it (some 5 minutes; wants a quiet machine)
	$(BIN)/python benchmarks/scoring.py

.PHONY: maps
maps: $(VENV)/.installed-dev ## time the latent map: t-SNE and PCA beside other libraries, frames, clicks (some 10 minutes)
	$(BIN)/python benchmarks/projection.py
	$(BIN)/python benchmarks/decode.py
	@browser=$$(PYTHON=$(BIN)/python sh tools/chromium.sh) && \
	  GENLAB_CHROMIUM="$$browser" $(BIN)/python benchmarks/map.py && \
	  GENLAB_CHROMIUM="$$browser" $(BIN)/python benchmarks/clicking.py

.PHONY: zoo
zoo: $(VENV)/.installed-dev ## time the first picture of each page of the shipped models on a fresh server (some 3 minutes)
	@browser=$$(PYTHON=$(BIN)/python sh tools/chromium.sh) && \
	  GENLAB_CHROMIUM="$$browser" $(BIN)/python benchmarks/zoo.py

.PHONY: pictures
pictures: $(VENV)/.installed-dev ## take the README's pictures anew, in a real browser
	@browser=$$(PYTHON=$(BIN)/python sh tools/chromium.sh) && \
	  GENLAB_CHROMIUM="$$browser" $(BIN)/python tools/pictures.py

.PHONY: chaos
chaos: $(VENV)/.installed-dev ## kill servers and workers twenty times at random, and compare what comes of their runs (some 4 minutes)
	$(BIN)/python benchmarks/chaos.py --kills 20

.PHONY: hooks
hooks: $(VENV)/.installed-dev ## run lint, types and imports at every commit
	$(BIN)/pre-commit install

.PHONY: clean
clean: ## remove the virtual environment and the tools' caches (never runs or data sets)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps make a second call instant; touching a requirements file makes the next call install again.
$(VENV)/.installed: requirements.txt tools/venv.sh
	@sh tools/venv.sh $(VENV)
	$(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt requirements-cluster.txt $(VENV)/.installed
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	@touch $@

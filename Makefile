# make demo   the first lesson, then a language model of a novel: trained, measured, writing
# make test   the tests
# make lint   style, types, import directions
# make sanitize   the kernels' tests under the address and undefined-behaviour sanitizers (GCC)
# make results   rebuilds docs/results.md: quality on held-out data, three seeds
# make bench  rebuilds docs/benchmarks.md: how fast the layers are beside other libraries' (half an hour)
# Each installs what it needs into .venv first.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
TOOLS  := $(VENV)/.tools
READY  := $(VENV)/.ready
NOVEL  := examples/data/northanger_abbey.txt
PIP    := $(BIN)/python -m pip --disable-pip-version-check install --quiet -c constraints.txt
# The kernels are built with the tools of the environment, and only what has changed of them.
SELF   := --no-build-isolation --config-settings=build-dir=build/native -e

ifeq ($(origin CXX),default)
CXX := c++
endif
export CXX

.PHONY: demo test sanitize lint results bench format clean

$(TOOLS): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Ostinato needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.11")'
	@$(CXX) -std=c++17 -fsyntax-only -x c++ csrc/compiler.h 2>/dev/null || { echo "Ostinato's kernels need a C++17 compiler, GCC 11 or Clang 13 or newer; $(CXX) is none. Install one (Debian, Ubuntu: apt install g++) or name yours: make CXX=/path/to/compiler" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	rm -rf build
	$(PIP) scikit-build-core nanobind numpy cmake ninja
	@touch $@

$(READY): $(TOOLS) CMakeLists.txt $(wildcard csrc/*)
	$(PIP) $(SELF) '.[train,media,plot,dev]'
	@touch $@

demo: $(READY)
	$(BIN)/ostinato demo hello
	$(BIN)/ostinato train lm $(NOVEL) -o runs/austen --epochs 5 --overwrite
	$(BIN)/ostinato evaluate runs/austen $(NOVEL)
	$(BIN)/ostinato generate runs/austen --prompt "Catherine " --length 500 --temperature 0.7 --seed 1
	@echo
	@echo 'Next, with all nine epochs, or with a text of your own:'
	@echo '  $(BIN)/ostinato train lm $(NOVEL) -o runs/novel'
	@echo '  $(BIN)/ostinato train lm YOUR.txt -o runs/yours'
	@echo 'and other first lessons:  $(BIN)/ostinato demo hello --cell lstm'

results: $(READY)
	$(BIN)/python bench/results.py --write

$(VENV)/.bench: $(READY)
	$(PIP) $(SELF) '.[bench]'
	@touch $@

bench: $(VENV)/.bench $(VENV)/.published
	OMP_NUM_THREADS=1 $(BIN)/python bench/published.py --write
	$(BIN)/python bench/kernels.py --end-to-end --write
	$(BIN)/python bench/stream.py --write

# Models that others have published, which two examples run: their weights are wanted, not what they need themselves.
$(VENV)/.published: $(READY)
	@$(PIP) --no-deps silero-vad g2p-en || { echo "Two examples run models that others have published, and pip could not fetch these (see above). Without a network, name a folder with their wheels: PIP_FIND_LINKS=FOLDER make test" >&2; exit 1; }
	@touch $@

test: $(READY) $(VENV)/.published
	$(BIN)/python -m pytest -n 2 --dist worksteal

# A second build, in a folder of its own. -S leaves out the installed one: the folders that -S would have added are
# named instead. The tests of fork() are left out: a child may find the sanitizer's own allocator locked for ever.
SANITIZED := build/sanitized
PACKAGES   = $(shell $(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
RUNTIMES   = $(foreach library,libasan.so libstdc++.so,$(shell $(CXX) -print-file-name=$(library)))
sanitize: $(READY)
	$(PIP) --no-build-isolation --no-deps --upgrade --target $(SANITIZED)/packages \
		--config-settings=build-dir=$(SANITIZED)/native --config-settings=install.strip=false \
		--config-settings=cmake.define.OSTINATO_SANITIZE=address,undefined .
	ASAN_OPTIONS=detect_leaks=0 LD_PRELOAD="$(RUNTIMES)" \
		PYTHONPATH=$(SANITIZED)/packages:$(PACKAGES) $(BIN)/python -S -m pytest tests/kernels -k 'not fork'

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/clang-format --dry-run --Werror csrc/*
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/clang-format -i csrc/*

clean:
	rm -rf $(VENV) build dist .pytest_cache .hypothesis .ruff_cache .mypy_cache

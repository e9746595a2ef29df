# wxhub: `make` lists the targets. What they do in more than one line is in .ci/.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
COMMIT  ?= $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
FUZZTIME ?= 60s

# The commit goes in by ldflags, so the build needs no trust in the owner of .git.
LDFLAGS := -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)

.DEFAULT_GOAL := help
.PHONY: help test lint build demo fuzz reconcile-bench chaos

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

test: ## Run all tests with the race detector, against a Redis that this starts itself.
	@.ci/test

lint: ## Check formatting, vet, static analysis and the explanation of every exception.
	@.ci/lint

build: ## Build static binaries of wxhub, wxsandbox and wxdemo into ./bin.
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)' -o bin/ ./cmd/wxhub ./cmd/wxsandbox ./cmd/wxdemo

demo: ## Run everything in one process and walk through login and payment.
	go run ./cmd/wxdemo

fuzz: ## Run each fuzz target for FUZZTIME (60s).
	@FUZZTIME='$(FUZZTIME)' .ci/fuzz

reconcile-bench: ## Compare a bill of a million rows with a million orders; prints time and memory (4 GB in TMPDIR).
	WXHUB_RECONCILE_ROWS=1000000 go test ./pay/reconcile -run Million -count 1 -v -timeout 60m

CHAOS_PAYMENTS ?= 10000

chaos: ## Make 10,000 payments while everything breaks, and compare the books (WXHUB_CHAOS_SEED repeats a run).
	WXHUB_CHAOS_PAYMENTS=$(CHAOS_PAYMENTS) go test -count=1 -timeout 60m -run TestChaos$$ -v ./cmd/wxhub

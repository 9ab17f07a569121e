# Commands for people; `make help` lists them. Tools are run by version, so a
# machine needs Go (and for demo-cluster, verify and release-check nothing else).
.DEFAULT_GOAL := help
UPSTREAM ?= ../shared/upstream/twilio_api_v2010.json
FUZZTIME ?= 20s

# Where a document is from that trimspec does not know: SOURCE, COMMIT and DATE.
ORIGIN = $(if $(SOURCE),-source $(SOURCE)) $(if $(COMMIT),-commit $(COMMIT)) $(if $(DATE),-date $(DATE))

STATICCHECK := go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
REVIVE      := go run github.com/mgechev/revive@v1.12.0
GOVULNCHECK := go run golang.org/x/vuln/cmd/govulncheck@v1.9.0
ACTIONLINT  := go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
# Every finding of medium severity or above is fixed, or excused where it
# stands by "#nosec RULE -- reason". G301 and G306 are off: what the tools write
# is source code, which everyone may read.
GOSEC       := go run github.com/securego/gosec/v2/cmd/gosec@v2.30.0 -quiet -color=false -severity=medium -exclude=G301,G306 -exclude-generated -exclude-dir=internal/verify

SHELL := bash

# The modules of this repository: what is imported, and what is not shipped.
MODULES := . internal/verify api/flow/natsbus api/examples/agentdesk
SHIPPED := . api/flow/natsbus api/examples/agentdesk

.PHONY: help
help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 18

.PHONY: demo
demo: ## play two payments on a simulated call: one charged, one declined
	@go run ./api/examples/collect

.PHONY: demo-cluster
demo-cluster: ## play a payment across two machines that share a NATS server
	@cd api/examples/agentdesk && go run .

.PHONY: sandbox
sandbox: ## serve the simulated Twilio on 127.0.0.1:4010 for applications in any language
	@go run ./api/paymentstest/sandbox -addr 127.0.0.1:4010

.PHONY: test
test: ## run all tests of the SDK, race detector on
	go test -race ./...

.PHONY: verify
verify: ## judge by validators, clients and history others made; says what it skips
	@if command -v npm >/dev/null; then npm ci --ignore-scripts --silent --prefix internal/verify/node; fi
	cd internal/verify && go run ./show ./...

.PHONY: verify-prism
verify-prism: ## install Prism, the mock server of the field, and judge by it too: needs Node 20
	npm ci --ignore-scripts --silent --prefix internal/verify/prism
	cd internal/verify && go run ./show ./prism

.PHONY: mutate
mutate: ## break the SDK in small ways, one at a time, and count what the tests catch
	cd internal/verify && go run ./mutate

.PHONY: bench
bench: ## compare with twilio-go, the bare generated client and net/http, in one run
	cd internal/verify && go run ./bench

.PHONY: footprint
footprint: ## measure what importing the SDK costs a program
	cd internal/verify && go run ./footprint

.PHONY: drift
drift: ## what a new upstream document means for users: make drift UPSTREAM=<file or URL>
	@bin=$$(mktemp) && trap 'rm -f "$$bin"' EXIT && go build -C internal/verify -o "$$bin" ./cmd/drift && "$$bin" -upstream "$(UPSTREAM)"

.PHONY: upgrade
upgrade: spec generate test ## take a new upstream document over: make upgrade UPSTREAM=<file or URL>

.PHONY: build
build: ## compile every module
	@set -e; for m in $(MODULES); do (cd $$m && go build ./...); done

.PHONY: check
check: ## everything CI asks: format, lint, generation, vulnerabilities, all tests
	.ci/check

.PHONY: spec
spec: ## trim the vendor's document: make spec UPSTREAM=<file or URL>
	go run ./internal/cmd/trimspec -in "$(UPSTREAM)" -out openapi $(ORIGIN)

.PHONY: generate
generate: ## write generated/ from openapi/
	go generate ./...

.PHONY: fuzz
fuzz: ## fuzz every target for FUZZTIME (20s) each
	FUZZTIME=$(FUZZTIME) .ci/fuzz

.PHONY: lint
lint: ## vet, staticcheck, gosec, documentation and workflow lint
	@set -e; for m in $(MODULES); do echo "lint $$m"; (cd $$m && go vet ./... && $(STATICCHECK) ./...); done
	@set -e; for m in $(SHIPPED); do echo "gosec $$m"; (cd $$m && $(GOSEC) ./...); done
	$(ACTIONLINT)
	$(REVIVE) -config .revive.toml -set_exit_status ./api/... ./internal/form/... ./internal/judge/... ./internal/spec/... ./internal/paycode/...

.PHONY: vuln
vuln: ## look for known vulnerabilities; VULN=required makes an unreachable database fail
	@GOVULNCHECK="$(GOVULNCHECK)" .ci/vuln

.PHONY: release-check
release-check: ## compare the API with the last tag, and CHANGELOG with the version
	.ci/release-check

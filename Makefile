# Commands for people; `make help` lists them. Tools are run by version, so a
# machine needs Go (and for demo-cluster, verify and release-check nothing else).
.DEFAULT_GOAL := help
FUZZTIME ?= 20s

# Where a document is from that trimspec does not know: SOURCE, COMMIT and DATE.
ORIGIN = $(if $(SOURCE),-source $(SOURCE)) $(if $(COMMIT),-commit $(COMMIT)) $(if $(DATE),-date $(DATE))

# Runs a command with the vendor's document as its last argument: UPSTREAM, or
# what the vendor publishes now. Nothing is compiled before it is there.
WITH_UPSTREAM = UPSTREAM="$(UPSTREAM)" .ci/with-upstream

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
MODULES := . internal/verify internal/verify/browser api/flow/natsbus api/flow/pgbus api/otelpay api/examples/agentdesk
SHIPPED := . api/flow/natsbus api/flow/pgbus api/otelpay api/examples/agentdesk

# The releases of Go that are supported: that of go.mod and the newest.
OLDER  := go1.26.8
NEWEST := go1.27.3

# Run the tests of modules and say at the end what was skipped and how many there
# were: $(call tests,MODULES,ARGUMENTS OF go test).
comma := ,
space := $(subst ,, )
tests = bin=$$(mktemp) && trap 'rm -f "$$bin"' EXIT && go build -C internal/verify -o "$$bin" ./cmd/runtests && \
	"$$bin" -modules=$(subst $(space),$(comma),$(1)) $(2)

.PHONY: help
help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 18

.PHONY: demo
demo: ## play three payments on a simulated call: charged, declined, and with a lost response
	@go run ./api/examples/collect

.PHONY: demo-cluster
demo-cluster: ## play a payment across two machines that share a NATS server (WATCH=1: be the agent, on a page)
	@cd api/examples/agentdesk && go run . $(if $(WATCH),-watch)

.PHONY: sandbox
sandbox: ## serve the simulated Twilio on 127.0.0.1:4010 for applications in any language
	@go run ./api/paymentstest/sandbox -addr 127.0.0.1:4010

.PHONY: test
test: ## run the tests of every shipped module and example, race detector on
	@$(call tests,$(SHIPPED),-race -timeout 30m ./...)

.PHONY: test-newest
test-newest: ## the same on the newest release of Go, without the race detector
	@export GOTOOLCHAIN=$(NEWEST); $(call tests,$(SHIPPED),-timeout 30m ./...)

# The longest packages come first, so that none of them runs by itself at the end.
.PHONY: verify
verify: ## check with validators and clients that others wrote; installs npm packages where npm is
	@if command -v npm >/dev/null; then for d in node prism; do npm ci --ignore-scripts --silent --prefix internal/verify/$$d; done; fi
	@$(call tests,internal/verify,-count=1 -timeout 30m ./upgrade ./recorded ./drift ./...)

.PHONY: verify-page
verify-page: ## play payments on the console's page in Chromium: mouse, keys, phone, accessibility, secrets
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || [ -n "$$CHROMIUM" ] || echo "verify-page: no chromium, so its tests are skipped: apt-get install --no-install-recommends chromium fonts-liberation (or set CHROMIUM)"
	@[ -d internal/verify/browser/node_modules/axe-core ] || echo "verify-page: no axe-core, so that test is skipped: npm ci --ignore-scripts --prefix internal/verify/browser"
	@$(call tests,internal/verify/browser,-count=1 -p 1 -timeout 20m ./...)

.PHONY: verify-prism
verify-prism: ## check with Prism only, the mock server of the field: needs Node 20
	npm ci --ignore-scripts --silent --prefix internal/verify/prism
	@$(call tests,internal/verify,-count=1 ./prism)

.PHONY: mutate
mutate: ## break the SDK in small ways, one at a time, and count what the tests catch
	cd internal/verify && go run ./cmd/mutate

.PHONY: explore
explore: ## all schedules of small sessions of flow, and a million of larger ones: ten minutes
	cd api/flow && go test -count=1 -timeout 60m -run TestExplore -explore=1000000 -explore-all -explore-faults=0

.PHONY: bench
bench: ## compare with twilio-go, the bare generated client and net/http, in one run
	cd internal/verify && go run ./cmd/bench

.PHONY: bench-buses
bench-buses: ## compare the buses of flow: memory, PostgreSQL and NATS, in one run
	cd internal/verify && go run ./cmd/buses

.PHONY: footprint
footprint: ## measure what importing the SDK costs a program
	cd internal/verify && go run ./cmd/footprint

# make drift exits with the report's own status: 0 no change or additive, 1
# breaking, 2 no report. make turns every failing command into 2; only a target
# that is out of date under --question gives 1. So drift asks that question: the
# report is made all the same, because of its +, and a breaking one leaves a line
# to run. Together with other targets breaking is a failure, 2.
ifneq ($(filter drift,$(MAKECMDGOALS)),)
DRIFT_STATUS := $(shell mktemp -u)
ifeq ($(MAKECMDGOALS),drift)
MAKEFLAGS := q$(if $(filter -%,$(firstword $(MAKEFLAGS))), )$(MAKEFLAGS)
endif
endif

.PHONY: drift drift-report
drift: drift-report ## what the vendor's newest document, or UPSTREAM=<file or URL>, means for users; FORMAT=json or markdown; exit status 0, 1 breaking, 2 failure
	$(if $(filter 1,$(shell cat $(DRIFT_STATUS); rm -f $(DRIFT_STATUS))),@exit 1)
drift-report:
	+@FORMAT="$(FORMAT)" $(WITH_UPSTREAM) .ci/drift; s=$$?; if [ $$s -le 1 ]; then echo $$s >$(DRIFT_STATUS); else exit $$s; fi

.PHONY: upgrade
upgrade: ## take the newest document, or UPSTREAM=<file or URL>, over; then make test
	@$(WITH_UPSTREAM) .ci/upgrade $(ORIGIN) -in

.PHONY: golden
golden: ## write the golden requests from what the client sends; read their diff
	@go test -vet=off ./internal/golden -update

.PHONY: build
build: ## compile every module
	@set -e; for m in $(MODULES); do (cd $$m && go build ./...); done

.PHONY: check
check: ## everything CI asks: format, lint, generation, vulnerabilities, all tests
	.ci/check

.PHONY: spec
spec: ## trim the vendor's newest document, or UPSTREAM=<file or URL>
	@$(WITH_UPSTREAM) go run ./internal/cmd/trimspec -out openapi $(ORIGIN) -in

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
	$(REVIVE) -config .revive.toml -set_exit_status ./api/... ./internal/form/... ./internal/validator/... ./internal/spec/... ./internal/paycode/...

.PHONY: vuln
vuln: ## look for known vulnerabilities; VULN=required makes an unreachable database fail
	@GOVULNCHECK="$(GOVULNCHECK)" .ci/vuln

.PHONY: release-check
release-check: ## compare the API with the last tag, and CHANGELOG with the version
	.ci/release-check

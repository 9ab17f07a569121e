# Commands for people; `make help` lists them.
.DEFAULT_GOAL := help
UPSTREAM ?= ../shared/upstream/twilio_api_v2010.json
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: help
help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 18

.PHONY: test
test: ## run all tests, race detector on
	go test -race ./...

.PHONY: generate
generate: ## write generated/ from openapi/
	go generate ./...

.PHONY: spec
spec: ## trim the vendor's document: make spec UPSTREAM=<file or URL>
	go run ./internal/cmd/trimspec -in $(UPSTREAM) -out openapi

# Every command is a script under scripts/; this page only names them.
.DEFAULT_GOAL := help
.PHONY: help build demo demo-team test prove sanitize lint format bench bench-smoke install uninstall proto clean

PREFIX ?= $(if $(filter 0,$(shell id -u)),/usr/local,$(HOME)/.local)
export PREFIX DESTDIR

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build every program (debug)
	@scripts/need.sh build
	swift build

demo: ## record a short real session, keep it, play it back without the pauses
	@scripts/need.sh demo
	swift build --product playhead
	scripts/demo.sh

demo-team: ## two people record through a private RabbitMQ, a third plays what both did
	@scripts/need.sh demo broker
	swift build --product playhead
	scripts/demo-team.sh

test: ## run all tests, with the real shells and editors
	@scripts/need.sh test
	scripts/test.sh

prove: ## the long proofs: kills, full disks, floods
	@scripts/need.sh test
	scripts/prove.sh

sanitize: ## the tests of threads and C under ThreadSanitizer and AddressSanitizer
	@scripts/need.sh test
	scripts/sanitize.sh

lint: ## check style, sizes, room order and generated code
	@scripts/need.sh lint
	scripts/lint.sh

format: ## put all Swift into the house's form
	scripts/format.sh

bench: ## measure, each row beside its peer; prints a table
	@scripts/need.sh bench
	scripts/bench.sh

bench-smoke: ## the same programs on little data: do they run?
	@scripts/need.sh bench
	scripts/bench.sh --smoke

install: ## install into PREFIX (~/.local; /usr/local as root); DESTDIR is honoured
	@scripts/need.sh build
	scripts/install.sh install

uninstall: ## remove exactly what install put there
	scripts/install.sh uninstall

proto: ## generate the Swift of events.proto
	@scripts/need.sh proto
	scripts/proto.sh

clean: ## remove everything that was built
	rm -rf .build build Benchmarks/.build

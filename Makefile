# One command each: run, test, lint, measure, install. `make` alone lists them.

DATABASE ?= sqlite
PREFIX ?= /usr/local
# More for the compiler or the tests: make test FLAGS='--filter SQLiteDriverTests'
FLAGS ?=

# With the Swift runtime linked in, the tool runs where there is no toolchain; without symbols it is a third smaller.
# The same for the demo, so that one build serves both.
STATIC := $(if $(filter Linux,$(shell uname -s)),--static-swift-stdlib -Xlinker -s)
RELEASE := -c release $(STATIC) $(FLAGS)
SERVER := $(if $(filter postgres,$(DATABASE)),server)

.NOTPARALLEL:
.PHONY: help setup demo test test-all versions lint bench install

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## What a build and the tests need from the system, where it is missing
	@.ci/setup build server pooler linter

demo: ## An animal shelter renames a column while three programs write to it [DATABASE=postgres]
	@.ci/setup build $(SERVER)
	swift build $(RELEASE) --product bellows
	swift build $(RELEASE) --product shelter
	@"$$(swift build $(RELEASE) --show-bin-path)/shelter" demo --database $(DATABASE)

test: ## The tests, on SQLite and on a throw-away PostgreSQL server [PG_BIN=the folder of another one's programs]
	@.ci/setup build server pooler linter
	@.ci/test $(FLAGS)

test-all: test ## The same, and those that take long: every operation, stopped at every moment
	@LONG=1 .ci/test

versions: ## What needs a PostgreSQL server, on 16 and on 18 (fetched from PyPI into the build folder)
	@.ci/setup build server pooler linter
	@.ci/versions $(FLAGS)

lint: ## Format, length and white space of everything that ships
	@.ci/lint

bench: ## What backfills and the helper cost, as ratios, in a table and as JSON [CASES="helper-sqlite start"]
	@.ci/setup build server
	swift run -c release --package-path Benchmarks $(FLAGS) benchmarks Benchmarks/.build/ratios.json $(CASES)

install: ## The bellows command [PREFIX=/usr/local]
	@.ci/setup build
	swift build $(RELEASE) --product bellows
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -m 755 "$$(swift build $(RELEASE) --show-bin-path)/bellows" "$(DESTDIR)$(PREFIX)/bin/bellows"

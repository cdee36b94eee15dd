# One command each: run, test, lint, measure, install. `make` alone lists them.

DATABASE ?= sqlite
PREFIX ?= /usr/local
# More for the compiler or the tests: make test FLAGS='--filter SQLiteDriverTests'
FLAGS ?=

# Linking the Swift runtime in makes the installed tool independent of the toolchain.
STATIC := $(if $(filter Linux,$(shell uname -s)),--static-swift-stdlib)
SERVER := $(if $(filter postgres,$(DATABASE)),server)

.NOTPARALLEL:
.PHONY: help setup demo test lint bench install

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## What a build and the tests need from the system, where it is missing
	@.ci/setup build server

demo: ## An animal shelter renames a column while three programs write to it [DATABASE=postgres]
	@.ci/setup build $(SERVER)
	swift build -c release --product bellows $(FLAGS)
	swift build -c release --product shelter $(FLAGS)
	@"$$(swift build -c release --show-bin-path $(FLAGS))/shelter" demo --database $(DATABASE)

test: ## All tests, on SQLite and on a throw-away PostgreSQL server
	@.ci/setup build server
	@.ci/test $(FLAGS)

lint: ## Format, length and white space of everything that ships
	@.ci/lint

bench: ## What the double-write helper costs, as ratios
	@.ci/setup build server
	swift run -c release --package-path Benchmarks $(FLAGS) benchmarks

install: ## The bellows command [PREFIX=/usr/local]
	@.ci/setup build
	swift build -c release --product bellows $(STATIC) $(FLAGS)
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -m 755 "$$(swift build -c release --show-bin-path $(FLAGS))/bellows" "$(DESTDIR)$(PREFIX)/bin/bellows"

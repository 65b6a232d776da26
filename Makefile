# Relayscope. Every variable here can be overridden: make build GO=go1.27

GO         ?= go
VERSION    ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
WINDOWTAGS ?= migrated_fynedo
TESTFLAGS  ?=
FUZZTIME   ?= 30s
FUZZFLAGS  ?=
BENCHCOUNT ?= 6
MINGW      ?= x86_64-w64-mingw32-gcc
ARGS       ?=

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
WINRES      := github.com/tc-hib/go-winres@v0.3.3
FYNE        := fyne.io/tools/cmd/fyne@v1.7.4

# One set of flags for everything: another set compiles all of Fyne again. The
# version comes from git describe, so Go need not ask git as well.
export GOFLAGS := -trimpath -buildvcs=false
LDFLAGS := -s -w -X main.version=$(VERSION)
APPVERSION := $(shell sed -n 's/^ *Version *= *"\(.*\)"/\1/p' FyneApp.toml)

# Programs with a window use a copy of the OpenGL bindings that is trimmed to
# what Fyne calls, which makes a build from scratch several times faster.
# "make TRIMMED=" builds with the bindings as they are.
TRIMMED := dist/gl/window.mod
MODFILE  = $(TRIMMED:%=-modfile=%)
WINDOW   = $(GO) build $(MODFILE) -tags $(WINDOWTAGS)
CONSOLE  = CGO_ENABLED=0 $(GO) build -tags nogui

# Each scene builds the whole window anew, on one goroutine: the race detector
# would find nothing and take ten times as long.
SCENES := ^TestScenes$$

GOFILES = $(wildcard *.go) $(filter-out dist/,$(wildcard */))

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

.PHONY: deps
deps: ## install what a build needs and this machine lacks
	.ci/install build

.PHONY: build
build: $(TRIMMED) ## build the program: dist/relayscope
	$(WINDOW) -ldflags '$(LDFLAGS)' -o dist/relayscope .

.PHONY: build-cli
build-cli: ## build the console program: dist/relayscope-cli
	$(CONSOLE) -ldflags '$(LDFLAGS)' -o dist/relayscope-cli .

.PHONY: run
run: ## build and open the program; without a display, film a demo
	.ci/install build run
	$(MAKE) --no-print-directory build
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname -s)" != Linux ]; then \
		exec dist/relayscope $(ARGS); \
	else \
		echo 'There is no display here, so a demo runs on a virtual one.'; \
		exec .ci/headless dist/relayscope-demo.png dist/relayscope demo; \
	fi

.PHONY: test
test: ## all tests with the race detector, Microsoft's clients and the real window included
	.ci/install build test
	.ci/node-clients
	$(MAKE) --no-print-directory dist/relayscope-e2e
	$(GO) vet -tags nogui ./...
	@$(MAKE) --no-print-directory format
	RELAYSCOPE_NODE_CLIENTS='$(CURDIR)/dist/node' \
	RELAYSCOPE_WINDOW='$(CURDIR)/dist/relayscope-e2e' \
	RELAYSCOPE_SCREENSHOTS='$(CURDIR)/dist/screenshots' \
		$(GO) test -race -timeout 30m -skip '$(SCENES)' -tags nogui $(TESTFLAGS) ./...
	$(GO) test -run '$(SCENES)' -tags nogui ./ui
	@if ls dist/screenshots/*.png >/dev/null 2>&1; then echo 'Screenshots of the window: dist/screenshots'; fi

# The program with the hook that lets a test find and read its widgets.
.PHONY: dist/relayscope-e2e
dist/relayscope-e2e: $(TRIMMED)
	$(WINDOW),e2e -ldflags '$(LDFLAGS)' -o $@ .
	@mkdir -p dist/screenshots

.PHONY: format
format:
	@unformatted=$$(gofmt -l $(GOFILES) .ci); \
	if [ -n "$$unformatted" ]; then printf 'Not formatted, run gofmt -w:\n%s\n' "$$unformatted"; exit 1; fi

# Fyne's tag ci stands for "no OpenGL": it spares the tools a good deal of C.
.PHONY: lint
lint: format ## vet, gofmt, staticcheck
	CGO_ENABLED=0 $(GO) vet -tags ci,e2e ./...
	CGO_ENABLED=0 $(GO) vet -tags nogui ./...
	CGO_ENABLED=0 $(GO) run $(STATICCHECK) -tags ci,e2e ./...
	CGO_ENABLED=0 $(GO) run $(STATICCHECK) -tags nogui ./...

.PHONY: pictures
pictures: ## compare the pictures of every state of the window
	RELAYSCOPE_PICTURES=1 $(GO) test -tags nogui -run TestScenes -timeout 30m ./ui

.PHONY: golden
golden: ## accept the screenshots of the last failed run
	@find . -path ./dist -prune -o -path '*/testdata/failed/*' -type f -print | while read -r f; do \
		mkdir -p "$$(dirname "$${f%/failed/*}/$${f##*/failed/}")"; \
		mv -v "$$f" "$${f%/failed/*}/$${f##*/failed/}"; \
	done

# Only packages with a target are built. Inputs are made short for a few seconds
# at most: longer searches look like a standstill.
.PHONY: fuzz
fuzz: ## fuzz each target for FUZZTIME (default 30s)
	@grep -rl --include='*_test.go' '^func Fuzz' $(GOFILES) | xargs -n1 dirname | sort -u | while read -r folder; do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(.*/\1/p' "$$folder"/*_test.go); do \
			echo "./$$folder $$target"; \
			$(GO) test -tags nogui -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5s $(FUZZFLAGS) "./$$folder" || exit 1; \
		done; \
	done

.PHONY: bench
bench: ## benchmarks, ready for benchstat
	$(GO) test -tags nogui -run '^$$' -bench . -count $(BENCHCOUNT) ./...

# ARGS='-only stream1k,ping64' measures some figures, ARGS=-help says the rest.
.PHONY: bench-peers
bench-peers: ## compare with bare gorilla/websocket and Microsoft's clients for Node
	.ci/node-clients
	@mkdir -p dist
	$(GO) build -tags nogui -o dist/benchpeers ./relayclient/benchpeers
	@RELAYSCOPE_NODE_CLIENTS='$(CURDIR)/dist/node' dist/benchpeers $(ARGS)

# ARGS='-time 60s' takes longer, -rows 0 leaves the filtering out, -help says
# the rest. Without a display it happens on a virtual one.
.PHONY: bench-log
bench-log: $(TRIMMED) ## measure the message log in a window beside Fyne's list and table
	.ci/install build run
	$(WINDOW) -o dist/benchlog ./ui/benchlog
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then exec dist/benchlog $(ARGS); fi; \
	BENCHLOG_STAY=1 HEADLESS_TIMEOUT=1200 .ci/headless dist/bench-log.png dist/benchlog -report dist/bench-log.txt $(ARGS) && cat dist/bench-log.txt

# The same seed makes the same kind of trouble: ARGS='-seed 7 -time 3m'.
.PHONY: soak
soak: ## ten minutes of faults, with 25 listeners and 200 senders
	@mkdir -p dist
	$(GO) build -tags nogui -o dist/soak ./relayclient/soak
	@dist/soak $(ARGS)

.PHONY: cover
cover: ## coverage by function
	@mkdir -p dist
	$(GO) test -tags nogui -coverprofile dist/cover.out $(TESTFLAGS) ./...
	$(GO) tool cover -func dist/cover.out

.PHONY: build-windows
build-windows: $(TRIMMED) ## build both programs for Windows: dist/windows
	.ci/install windows-build
	$(GO) run $(WINRES) simply --arch amd64 --icon assets/icon.png --manifest gui \
		--product-name Relayscope --file-description Relayscope --original-filename relayscope.exe \
		--copyright 'The Relayscope authors' --product-version $(APPVERSION) --file-version $(APPVERSION)
	CGO_ENABLED=1 GOOS=windows GOARCH=amd64 CC=$(MINGW) \
		$(WINDOW) -ldflags '$(LDFLAGS) -H windowsgui' -o dist/windows/relayscope.exe .
	GOOS=windows GOARCH=amd64 $(CONSOLE) -ldflags '$(LDFLAGS)' -o dist/windows/relayscope-cli.exe .

.PHONY: smoke-windows
smoke-windows: build-windows ## run the Windows program under Wine
	.ci/install windows
	.ci/smoke-windows

# The packager counts builds in FyneApp.toml, so it gets a copy of it, and it
# asks for Go code beside that, although the program is built already.
.PHONY: package
package: build dist/tools/$(notdir $(FYNE)) ## package the program for this system
	@mkdir -p dist/package/assets
	@cp FyneApp.toml dist/package && cp assets/icon.png dist/package/assets
	@echo 'module relayscope' >dist/package/go.mod
	@echo 'package main' >dist/package/main.go
	cd dist/package && ../tools/$(notdir $(FYNE))/fyne package --executable ../relayscope --release

.PHONY: clean
clean: ## remove everything that was built
	rm -rf dist rsrc_windows_*.syso

# go.mod decides which versions there are; the copy follows it.
dist/gl/window.mod: go.mod go.sum .ci/trimgl/main.go
	$(GO) run .ci/trimgl/main.go dist/gl

# The packager is no part of this module, and go run would not let it see dist.
dist/tools/fyne@%:
	GOBIN='$(CURDIR)/$@' $(GO) install $(FYNE)

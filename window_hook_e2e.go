//go:build !nogui && e2e

package main

import (
	"os"

	"relayscope/ui"
)

// hook tells a test where things are in the window, on the loopback address
// that it asks for. It is compiled into test builds only.
func hook(w *ui.Window) {
	if address := os.Getenv("RELAYSCOPE_E2E"); address != "" {
		w.Describe(address)
	}
}

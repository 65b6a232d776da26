//go:build !nogui && !e2e

package main

import "relayscope/ui"

// hook is where a build for tests lets them find their way in the window.
func hook(*ui.Window) {}

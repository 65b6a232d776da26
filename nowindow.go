//go:build nogui

package main

// windowCommands is empty: this is the program without a window.
type windowCommands struct{}

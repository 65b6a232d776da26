package ui

import (
	"slices"

	"fyne.io/fyne/v2"

	"relayscope/profiles"
	"relayscope/ui/live"
)

// remembered is what the window keeps from one run to the next beside the
// profiles: nothing that is secret. Whatever is there was written by another
// version, or by somebody with an editor, and so everything read is brought
// within bounds.
type remembered struct{ fyne.Preferences }

// The keys. A new meaning gets a new key.
const (
	keyTheme    = "theme"
	keyZoom     = "zoomPercent"
	keyWidth    = "windowWidth"
	keyHeight   = "windowHeight"
	keySidebar  = "sidebarOffset"
	keyFolded   = "sidebarFolded"
	keyArranged = "panesArranged"
	keyOffsets  = "pageOffsets."
	keyProfile  = "lastProfile"
	keyPage     = "lastPage"
	keyNotify   = "notifyListener"
)

// zooms are the steps, in per cent.
var zooms = []int{75, 90, 100, 110, 125, 150, 175, 200}

func (r remembered) theme() themeChoice {
	if c := themeChoice(r.Int(keyTheme)); c >= 0 && int(c) < len(themeNames) {
		return c
	}
	return themeSystem
}

// zoom returns one of the steps.
func (r remembered) zoom() int {
	if z := r.IntWithFallback(keyZoom, 100); slices.Contains(zooms, z) {
		return z
	}
	return 100
}

// The window's size when nothing is known, and the bounds of one that is.
const (
	usualWidth, usualHeight = 1280, 720
	leastWidth, leastHeight = 640, 400
	mostSide                = 8192
)

func (r remembered) windowSize() fyne.Size {
	return fyne.NewSize(float32(within(r.FloatWithFallback(keyWidth, usualWidth), leastWidth, mostSide, usualWidth)),
		float32(within(r.FloatWithFallback(keyHeight, usualHeight), leastHeight, mostSide, usualHeight)))
}

func (r remembered) setWindowSize(s fyne.Size) {
	r.setFloat(keyWidth, float64(s.Width), usualWidth)
	r.setFloat(keyHeight, float64(s.Height), usualHeight)
}

// offset returns where a splitter stands.
func (r remembered) offset(key string, usual float64) float64 {
	return within(r.FloatWithFallback(key, usual), 0, 1, usual)
}

// setFloat writes only what has changed: every write goes to a file.
func (r remembered) setFloat(key string, value, usual float64) {
	if r.FloatWithFallback(key, usual) != value {
		r.SetFloat(key, value)
	}
}

func (r remembered) arrangement() live.Arrangement {
	if a := live.Arrangement(r.Int(keyArranged)); a >= 0 && a < live.Arrangements {
		return a
	}
	return live.SideBySide
}

func (r remembered) profile() profiles.ID { return profiles.ID(r.String(keyProfile)) }

func (r remembered) setString(key, value string) {
	if r.String(key) != value {
		r.SetString(key, value)
	}
}

// within returns a number that lies in the bounds, or else the usual one.
func within(value, least, most, usual float64) float64 {
	if value >= least && value <= most { // never for NaN
		return value
	}
	return usual
}

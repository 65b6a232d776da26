package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// SizeNameZoom is a size that a theme may define: how many times as large as
// ordinary everything is.
const SizeNameZoom fyne.ThemeSizeName = "relayscopeZoom"

// Zoomed returns a length for the zoom there is. Lengths that a theme has no
// name for go through it.
func Zoomed(length float32) float32 {
	if zoom := theme.Size(SizeNameZoom); zoom > 0 {
		return length * zoom
	}
	return length
}

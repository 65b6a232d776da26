package widgets

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// A brush is what a widget that draws itself draws text with: glyphs and
// colours of the theme, at the scale of the screen.
type brush struct {
	scale     float64
	textSize  float32
	font      fyne.Resource
	glyphs    *glyphs
	rawColors themeColors
	colors    palette
}

// dip brings glyphs and colours up to date with the theme, and reports whether
// the glyphs are other ones than before.
func (b *brush) dip(th fyne.Theme) bool {
	if raw := lookUp(th, fyne.CurrentApp().Settings().ThemeVariant()); raw != b.rawColors {
		b.rawColors, b.colors = raw, newPalette(raw)
	}
	textSize, mono := th.Size(theme.SizeNameText), th.Font(fyne.TextStyle{Monospace: true})
	if b.glyphs != nil && b.textSize == textSize && b.font == mono {
		return false
	}
	b.textSize, b.font = textSize, mono
	b.glyphs = newGlyphs(float64(textSize)*b.scale, mono, th.Font(fyne.TextStyle{}))
	return true
}

// rescale takes the scale from a width in real pixels. Sizes are rounded up to
// whole pixels; rounding the scale keeps that from changing the size of the
// text while a window is resized.
func (b *brush) rescale(pixels int, width float32) {
	if width <= 0 {
		return
	}
	if scale := max(0.05, math.Round(float64(pixels)/float64(width)*20)/20); scale != b.scale {
		b.scale, b.glyphs = scale, nil
	}
}

// px is a length in pixels.
func (b *brush) px(v float64) int { return int(math.Round(v * b.scale)) }

package widgets

import (
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Names of two colours that a theme may define for a LogView. When it does
// not, rows that came in have the primary colour and rows that went out purple.
const (
	ColorNameIn  fyne.ThemeColorName = "relayscopeIn"
	ColorNameOut fyne.ThemeColorName = "relayscopeOut"
)

// The contrast that text needs against what is behind it: WCAG AA, and AAA for
// those who chose white on black because they need it.
const (
	readable     = 4.5
	wellReadable = 7
)

// contrastFor returns the contrast that texts need in a theme of these colours.
func contrastFor(back, fore color.RGBA) float64 {
	if contrast(back, fore) > 20 {
		return wellReadable
	}
	return readable
}

// A palette holds the opaque colours of a LogView. Text colours are readable
// on every background that a row can have.
type palette struct {
	back, stripe, selected, selectedDim color.RGBA
	header, headerText, line            color.RGBA
	track, thumb, focus                 color.RGBA
	pill, pillText                      color.RGBA
	hit, hitText, markText              color.RGBA
	marks                               [Marks]color.RGBA
	text                                [tones]color.RGBA
}

var paletteNames = [...]fyne.ThemeColorName{
	theme.ColorNameBackground, theme.ColorNameForeground, theme.ColorNamePlaceHolder,
	theme.ColorNamePrimary, theme.ColorNameSelection, theme.ColorNameHeaderBackground,
	theme.ColorNameSeparator, theme.ColorNameScrollBar, theme.ColorNameSuccess,
	theme.ColorNameWarning, theme.ColorNameError, ColorNameIn, ColorNameOut,
}

// themeColors is what a palette is made from; equal ones make equal palettes.
type themeColors [len(paletteNames)]color.NRGBA

func lookUp(th fyne.Theme, variant fyne.ThemeVariant) themeColors {
	var raw themeColors
	for i, name := range paletteNames {
		c := th.Color(name, variant)
		if c == nil {
			continue
		}
		raw[i] = color.NRGBAModel.Convert(c).(color.NRGBA)
	}
	return raw
}

func newPalette(raw themeColors) palette {
	back, fore := over(raw[0], color.RGBA{A: 255}), opaque(raw[1])
	want := contrastFor(back, fore)
	p := palette{
		back:        back,
		stripe:      mix(back, fore, 0.035),
		selected:    over(raw[4], back),
		selectedDim: mix(back, fore, 0.14),
		header:      over(raw[5], back),
		line:        mix(back, fore, 0.18),
		track:       mix(back, fore, 0.05),
		thumb:       over(raw[7], back),
		focus:       opaque(raw[3]),
	}
	if contrast(p.header, p.back) < 1.05 { // a header must look like one
		p.header = mix(back, fore, 0.06)
	}
	p.headerText = towards(opaque(raw[2]), want, p.header)
	p.pillText = color.RGBA{255, 255, 255, 255}
	p.pill = towards(opaque(raw[3]), want, p.pillText)
	p.hit = mix(opaque(raw[9]), back, 0.15)
	p.hitText = towards(back, want, p.hit)
	p.markText = color.RGBA{255, 255, 255, 255}
	for i, c := range [Marks]color.RGBA{
		{0xc6, 0x28, 0x28, 255}, {0xa8, 0x5a, 0x00, 255}, {0x2e, 0x7d, 0x32, 255}, {0x15, 0x65, 0xc0, 255}, {0x7b, 0x1f, 0xa2, 255},
	} {
		p.marks[i] = towards(c, want, p.markText)
	}
	// A thumb is no text; 3:1 is what controls need.
	p.thumb = towards(p.thumb, 3, p.track)

	in, out := opaque(raw[3]), color.RGBA{0x9c, 0x27, 0xb0, 0xff}
	if raw[11].A > 0 {
		in = opaque(raw[11])
	}
	if raw[12].A > 0 {
		out = opaque(raw[12])
	}
	p.text = [tones]color.RGBA{
		Normal: fore, In: in, Out: out, Muted: opaque(raw[2]),
		Good: opaque(raw[8]), Warning: opaque(raw[9]), Bad: opaque(raw[10]),
	}
	for i, c := range p.text {
		p.text[i] = towards(c, want, p.back, p.stripe, p.selected, p.selectedDim)
	}
	return p
}

// towards moves c towards black or white, whichever is farther from the first
// background, until it has the wanted contrast to every one.
func towards(c color.RGBA, want float64, behind ...color.RGBA) color.RGBA {
	end := color.RGBA{A: 255}
	if contrast(behind[0], end) < contrast(behind[0], color.RGBA{255, 255, 255, 255}) {
		end = color.RGBA{255, 255, 255, 255}
	}
	for step := 0; step <= 20; step++ {
		moved, enough := mix(c, end, float64(step)/20), true
		for _, b := range behind {
			enough = enough && contrast(moved, b) >= want
		}
		if enough {
			return moved
		}
	}
	return end
}

// mix returns the colour a part of the way from one to the other.
func mix(from, to color.RGBA, part float64) color.RGBA {
	channel := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + (float64(b)-float64(a))*part)) }
	return color.RGBA{channel(from.R, to.R), channel(from.G, to.G), channel(from.B, to.B), 255}
}

// over lays c on an opaque background.
func over(c color.NRGBA, back color.RGBA) color.RGBA {
	return mix(back, opaque(c), float64(c.A)/255)
}

func opaque(c color.NRGBA) color.RGBA { return color.RGBA{c.R, c.G, c.B, 255} }

// contrast returns the ratio of two colours' luminances, from 1 to 21.
func contrast(a, b color.RGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c color.RGBA) float64 {
	linear := func(v uint8) float64 {
		f := float64(v) / 255
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

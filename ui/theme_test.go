package ui

import (
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"relayscope/ui/widgets"
)

// opaqueOver lays a colour that may let through on one that does not.
func opaqueOver(c, back color.Color) color.NRGBA {
	top, below := color.NRGBAModel.Convert(c).(color.NRGBA), color.NRGBAModel.Convert(back).(color.NRGBA)
	part := float64(top.A) / 255
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a)*part + float64(b)*(1-part))) }
	return color.NRGBA{mix(top.R, below.R), mix(top.G, below.G), mix(top.B, below.B), 255}
}

// contrastOf is the ratio of WCAG 2.
func contrastOf(a, b color.NRGBA) float64 {
	luminance := func(c color.NRGBA) float64 {
		sum := 0.0
		for i, v := range []uint8{c.R, c.G, c.B} {
			f := float64(v) / 255
			if f <= 0.04045 {
				f /= 12.92
			} else {
				f = math.Pow((f+0.055)/1.055, 2.4)
			}
			sum += f * []float64{0.2126, 0.7152, 0.0722}[i]
		}
		return sum
	}
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func TestEveryTextCanBeRead(t *testing.T) {
	texts := []fyne.ThemeColorName{
		theme.ColorNameForeground, theme.ColorNamePlaceHolder, theme.ColorNameDisabled, theme.ColorNamePrimary, theme.ColorNameHyperlink,
		theme.ColorNameSuccess, theme.ColorNameWarning, theme.ColorNameError, widgets.ColorNameIn, widgets.ColorNameOut,
	}
	surfaces := []fyne.ThemeColorName{
		theme.ColorNameBackground, theme.ColorNameInputBackground, theme.ColorNameHeaderBackground, theme.ColorNameMenuBackground, theme.ColorNameOverlayBackground,
	}
	for choice, least := range map[themeChoice]float64{themeLight: 4.5, themeDark: 4.5, themeContrast: 7} {
		l := newLook()
		l.choice = choice
		get := func(name fyne.ThemeColorName) color.Color { return l.Color(name, theme.VariantDark) }
		check := func(text, on string, fore color.Color, back color.NRGBA) {
			if ratio := contrastOf(opaqueOver(fore, back), back); ratio < least {
				t.Errorf("%s: %s on %s has a contrast of %.2f, want %.1f", themeNames[choice], text, on, ratio, least)
			}
		}
		for _, surface := range surfaces {
			plain := opaqueOver(get(surface), color.Black)
			for _, text := range texts {
				check(string(text), string(surface), get(text), plain)
				check(string(text), string(surface)+" under the mouse", get(text), opaqueOver(get(theme.ColorNameHover), plain))
			}
		}
		selected := opaqueOver(get(theme.ColorNameSelection), opaqueOver(get(theme.ColorNameBackground), color.Black))
		for _, text := range []fyne.ThemeColorName{theme.ColorNameForeground, theme.ColorNamePlaceHolder, theme.ColorNameSuccess, theme.ColorNameError} {
			check(string(text), "what is selected", get(text), selected)
		}
		for _, pair := range [][2]fyne.ThemeColorName{
			{theme.ColorNameForeground, theme.ColorNameButton}, {theme.ColorNameForeground, theme.ColorNameDisabledButton},
			{theme.ColorNameDisabled, theme.ColorNameDisabledButton}, {theme.ColorNameForegroundOnPrimary, theme.ColorNamePrimary},
			{theme.ColorNameForegroundOnError, theme.ColorNameError},
		} {
			check(string(pair[0]), string(pair[1]), get(pair[0]), opaqueOver(get(pair[1]), color.Black))
		}
	}
}

func TestZoomIsInEverySize(t *testing.T) {
	small, large := newLook(), newLook()
	large.zoom = 2
	for _, name := range []fyne.ThemeSizeName{
		theme.SizeNameText, theme.SizeNameCaptionText, theme.SizeNameHeadingText, theme.SizeNameSubHeadingText,
		theme.SizeNamePadding, theme.SizeNameInnerPadding, theme.SizeNameInlineIcon, theme.SizeNameScrollBar, widgets.SizeNameZoom,
	} {
		if got, want := large.Size(name), 2*small.Size(name); got != want || want == 0 {
			t.Errorf("%s = %v at 200 %%, want %v", name, got, want)
		}
	}
}

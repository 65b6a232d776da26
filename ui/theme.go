package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"relayscope/ui/widgets"
)

// A themeChoice is what a person wants to see.
type themeChoice int

// The choices, and their names in the settings.
const (
	themeSystem themeChoice = iota // light or dark, as the system has it
	themeLight
	themeDark
	themeContrast
)

var themeNames = [...]string{"As the system", "Light", "Dark", "High contrast"}

// look is the program's theme: Fyne's own with calmer colours, and a little
// denser, because a window on a VM is often 1280×720. Every text colour has
// at least 4.5:1 contrast on every background it is used on, and 7:1 in high
// contrast.
type look struct {
	fyne.Theme
	choice     themeChoice
	zoom       float32         // 1 is ordinary; 0 as well
	presenting bool            // larger, and without the names in hidden
	hidden     *widgets.Hidden // nil: nothing is hidden
}

func newLook() look { return look{Theme: theme.DefaultTheme(), zoom: 1} }

// presentingZoom makes type larger for those in the last row.
const presentingZoom = 1.2

// rgb spares the alpha that nearly every colour here has.
func rgb(hex uint32) color.Color {
	return color.NRGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 0xff}
}

// colours holds a dark, a light and a high-contrast colour for each name.
var colours = map[fyne.ThemeColorName][3]color.Color{
	theme.ColorNameBackground:          {rgb(0x1b1e24), rgb(0xf3f5f8), rgb(0x000000)},
	theme.ColorNameForeground:          {rgb(0xe7eaf0), rgb(0x1b2029), rgb(0xffffff)},
	theme.ColorNamePlaceHolder:         {rgb(0xadb5c3), rgb(0x535c6c), rgb(0xd8dce2)},
	theme.ColorNameDisabled:            {rgb(0xa8b0be), rgb(0x565e6d), rgb(0xc4c9d1)},
	theme.ColorNameInputBackground:     {rgb(0x262a32), rgb(0xffffff), rgb(0x000000)},
	theme.ColorNameInputBorder:         {rgb(0x434a57), rgb(0xb7bfcc), rgb(0xffffff)},
	theme.ColorNameButton:              {rgb(0x313743), rgb(0xe1e6ed), rgb(0x262626)},
	theme.ColorNameDisabledButton:      {rgb(0x292e37), rgb(0xe9ecf1), rgb(0x1a1a1a)},
	theme.ColorNameHover:               {color.NRGBA{0xff, 0xff, 0xff, 0x14}, color.NRGBA{0, 0, 0, 0x0d}, color.NRGBA{0xff, 0xff, 0xff, 0x20}},
	theme.ColorNamePressed:             {color.NRGBA{0xff, 0xff, 0xff, 0x28}, color.NRGBA{0, 0, 0, 0x20}, color.NRGBA{0xff, 0xff, 0xff, 0x40}},
	theme.ColorNamePrimary:             {rgb(0x7db2ff), rgb(0x0b5cbf), rgb(0xffd60a)},
	theme.ColorNameForegroundOnPrimary: {rgb(0x0d1a2d), rgb(0xffffff), rgb(0x000000)},
	theme.ColorNameHyperlink:           {rgb(0x7db2ff), rgb(0x0b5cbf), rgb(0x8fd0ff)},
	theme.ColorNameFocus:               {color.NRGBA{0x7d, 0xb2, 0xff, 0x60}, color.NRGBA{0x0b, 0x5c, 0xbf, 0x50}, color.NRGBA{0xff, 0xd6, 0x0a, 0x80}},
	theme.ColorNameSelection:           {color.NRGBA{0x7d, 0xb2, 0xff, 0x38}, color.NRGBA{0x0b, 0x5c, 0xbf, 0x22}, rgb(0x00264d)},
	theme.ColorNameSuccess:             {rgb(0x55cf94), rgb(0x12703f), rgb(0x6dfcab)},
	theme.ColorNameWarning:             {rgb(0xf0b454), rgb(0x875000), rgb(0xffd60a)},
	theme.ColorNameError:               {rgb(0xff969c), rgb(0xb01c2a), rgb(0xffb3b7)},
	theme.ColorNameForegroundOnError:   {rgb(0x2a0b0e), rgb(0xffffff), rgb(0x000000)},
	theme.ColorNameSeparator:           {rgb(0x363c48), rgb(0xd3d9e2), rgb(0x9a9a9a)},
	theme.ColorNameHeaderBackground:    {rgb(0x22262d), rgb(0xe9edf2), rgb(0x141414)},
	theme.ColorNameMenuBackground:      {rgb(0x2a2f38), rgb(0xffffff), rgb(0x141414)},
	theme.ColorNameOverlayBackground:   {rgb(0x22262d), rgb(0xffffff), rgb(0x0c0c0c)},
	theme.ColorNameShadow:              {color.NRGBA{0xff, 0xff, 0xff, 0x12}, color.NRGBA{0, 0, 0, 0x1c}, color.NRGBA{0xff, 0xff, 0xff, 0x40}}, // splitters, too
	theme.ColorNameScrollBar:           {color.NRGBA{0xff, 0xff, 0xff, 0x66}, color.NRGBA{0, 0, 0, 0x66}, color.NRGBA{0xff, 0xff, 0xff, 0xb0}},
	widgets.ColorNameIn:                {rgb(0x7db2ff), rgb(0x0b5cbf), rgb(0x8fd0ff)},
	widgets.ColorNameOut:               {rgb(0xd9a2f5), rgb(0x8a2aa8), rgb(0xf0b8ff)},
	theme.ColorNameScrollBarBackground: {color.NRGBA{}, color.NRGBA{}, color.NRGBA{}},
}

// Color is for Fyne.
func (l look) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	light := l.choice == themeLight || l.choice == themeSystem && variant == theme.VariantLight
	column := 0
	switch {
	case l.choice == themeContrast:
		column = 2
	case light:
		column = 1
	}
	if row, ok := colours[name]; ok {
		return row[column]
	}
	variant = theme.VariantDark
	if light {
		variant = theme.VariantLight
	}
	return l.Theme.Color(name, variant)
}

// Size is for Fyne. Everything grows with the zoom but hairlines.
func (l look) Size(name fyne.ThemeSizeName) float32 {
	size := l.Theme.Size(name)
	switch name {
	case theme.SizeNameText:
		size = 13
	case theme.SizeNameCaptionText:
		size = 11.5
	case theme.SizeNameSubHeadingText:
		size = 16
	case theme.SizeNameHeadingText:
		size = 22
	case theme.SizeNameInnerPadding:
		size = 6
	case theme.SizeNamePadding:
		size = 4
	case theme.SizeNameSeparatorThickness:
		return size
	case theme.SizeNameModalBlurRadius:
		return 0 // seconds a frame without a GPU; the shade behind a dialog is enough
	case widgets.SizeNameZoom:
		size = 1
	}
	return size * l.magnified()
}

// magnified is how many times as large as usual everything is. Nothing is more
// than twice as large, when it would no longer fit a screen.
func (l look) magnified() float32 {
	zoom := l.zoom
	if zoom <= 0 {
		zoom = 1
	}
	if l.presenting {
		zoom = min(zoom*presentingZoom, max(zoom, 2))
	}
	return zoom
}

// Hidden returns what must not be read on screen, for widgets.Shown.
func (l look) Hidden() *widgets.Hidden {
	if !l.presenting {
		return nil
	}
	return l.hidden
}

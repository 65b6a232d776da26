package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"relayscope/ui/widgets"
)

// look is the program's theme: Fyne's own with calmer colours, and a little
// denser, because a window on a VM is often 1280×720. Every text colour has
// at least 4.5:1 contrast on every background it is used on.
type look struct{ fyne.Theme }

func newLook() fyne.Theme { return look{theme.DefaultTheme()} }

// rgb spares the alpha that every colour here has.
func rgb(hex uint32) color.Color {
	return color.NRGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 0xff}
}

// colours holds a dark and a light colour for each name.
var colours = map[fyne.ThemeColorName][2]color.Color{
	theme.ColorNameBackground:          {rgb(0x1b1e24), rgb(0xf3f5f8)},
	theme.ColorNameForeground:          {rgb(0xe7eaf0), rgb(0x1b2029)},
	theme.ColorNamePlaceHolder:         {rgb(0xa0a9b8), rgb(0x596273)},
	theme.ColorNameDisabled:            {rgb(0x98a1b0), rgb(0x5d6676)},
	theme.ColorNameInputBackground:     {rgb(0x262a32), rgb(0xffffff)},
	theme.ColorNameInputBorder:         {rgb(0x434a57), rgb(0xb7bfcc)},
	theme.ColorNameButton:              {rgb(0x313743), rgb(0xe1e6ed)},
	theme.ColorNameDisabledButton:      {rgb(0x292e37), rgb(0xe9ecf1)},
	theme.ColorNameHover:               {color.NRGBA{0xff, 0xff, 0xff, 0x14}, color.NRGBA{0, 0, 0, 0x0d}},
	theme.ColorNamePressed:             {color.NRGBA{0xff, 0xff, 0xff, 0x28}, color.NRGBA{0, 0, 0, 0x20}},
	theme.ColorNamePrimary:             {rgb(0x7db2ff), rgb(0x0b5cbf)},
	theme.ColorNameForegroundOnPrimary: {rgb(0x0d1a2d), rgb(0xffffff)},
	theme.ColorNameHyperlink:           {rgb(0x7db2ff), rgb(0x0b5cbf)},
	theme.ColorNameFocus:               {color.NRGBA{0x7d, 0xb2, 0xff, 0x60}, color.NRGBA{0x0b, 0x5c, 0xbf, 0x50}},
	theme.ColorNameSelection:           {color.NRGBA{0x7d, 0xb2, 0xff, 0x44}, color.NRGBA{0x0b, 0x5c, 0xbf, 0x33}},
	theme.ColorNameSuccess:             {rgb(0x55cf94), rgb(0x12703f)},
	theme.ColorNameWarning:             {rgb(0xf0b454), rgb(0x875000)},
	theme.ColorNameError:               {rgb(0xff8b92), rgb(0xb3202e)},
	theme.ColorNameForegroundOnError:   {rgb(0x2a0b0e), rgb(0xffffff)},
	theme.ColorNameSeparator:           {rgb(0x363c48), rgb(0xd3d9e2)},
	theme.ColorNameHeaderBackground:    {rgb(0x22262d), rgb(0xe9edf2)},
	theme.ColorNameMenuBackground:      {rgb(0x2a2f38), rgb(0xffffff)},
	theme.ColorNameOverlayBackground:   {rgb(0x22262d), rgb(0xffffff)},
	theme.ColorNameShadow:              {color.NRGBA{0xff, 0xff, 0xff, 0x12}, color.NRGBA{0, 0, 0, 0x1c}}, // splitters, too
	theme.ColorNameScrollBar:           {color.NRGBA{0xff, 0xff, 0xff, 0x66}, color.NRGBA{0, 0, 0, 0x66}},
	widgets.ColorNameIn:                {rgb(0x7db2ff), rgb(0x0b5cbf)},
	widgets.ColorNameOut:               {rgb(0xd9a2f5), rgb(0x8a2aa8)},
	theme.ColorNameScrollBarBackground: {color.NRGBA{}, color.NRGBA{}},
}

func (l look) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	if pair, ok := colours[name]; ok {
		if variant == theme.VariantLight {
			return pair[1]
		}
		return pair[0]
	}
	return l.Theme.Color(name, variant)
}

func (l look) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return 13
	case theme.SizeNameCaptionText:
		return 11.5
	case theme.SizeNameSubHeadingText:
		return 16
	case theme.SizeNameHeadingText:
		return 22
	case theme.SizeNameInnerPadding:
		return 6
	case theme.SizeNamePadding:
		return 4
	}
	return l.Theme.Size(name)
}

package widgets

import (
	"bytes"
	"image"
	"image/color"
	"math"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/software"
	"golang.org/x/image/draw"
)

// shaped lists scripts whose letters change with their neighbours or run from
// right to left: a glyph for each rune would not be readable.
var shaped = []*unicode.RangeTable{
	unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko,
	unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya,
	unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala,
	unicode.Thai, unicode.Lao, unicode.Tibetan, unicode.Myanmar, unicode.Khmer, unicode.Mongolian,
}

// isShaped reports whether r is drawn together with its neighbours.
func isShaped(r rune) bool { return r >= 0x590 && r < 0x10f00 && unicode.IsOneOf(shaped, r) }

// runOf returns how many bytes at the start of text are drawn as one picture:
// a run of shaped letters with single spaces between them; 0 for other text.
func runOf(text string) int {
	end, space := 0, false
	for i, r := range text {
		switch {
		case isShaped(r) || end > 0 && !space && cellsOf(r) == 0:
			end, space = i+len(string(r)), false
		case r == ' ' && end > 0 && !space:
			space = true
		default:
			return end
		}
	}
	return end
}

// foreignPerPicture is how many glyphs Fyne draws for one picture of a log, at
// a fifth of a millisecond each. What is missing then comes with the next.
const foreignPerPicture = 100

// begin is called before each picture.
func (g *glyphs) begin() { g.budget, g.late = foreignPerPicture, false }

// maxRuns bounds the pictures of runs, which are larger than those of runes.
const maxRuns = 512

// run returns the picture of letters that belong together. It takes as many
// cells as the letters would one by one, so that columns and lines stay as
// they were measured. It returns nil when the letters have to do one by one.
func (g *glyphs) run(text string) *glyph {
	if found, ok := g.runs[text]; ok {
		return found
	}
	if first, _ := utf8.DecodeRuneInString(text); g.get(first).dots == nil || &g.get(first).dots[0] == &g.box.dots[0] {
		return nil // no font has this script, or it was too much for this picture
	}
	cells := 0
	for _, r := range text {
		cells += cellsOf(r)
	}
	drawn := g.drawText(text, cells)
	if drawn == nil {
		return nil
	}
	if g.runs == nil || len(g.runs) >= maxRuns {
		g.runs = map[string]*glyph{}
	}
	g.runs[text] = drawn
	return drawn
}

// drawText has Fyne draw a text, with the fonts of the system where the theme
// has none, shaped, and in colour if the font has colours. It is slow beside a
// cache and must be called on the main goroutine. It returns nil when there is
// no font for the text.
func (g *glyphs) drawText(text string, cells int) *glyph {
	if g.budget <= 0 {
		g.late = true
		return nil
	}
	g.budget--
	picture := g.picture(text)
	if g.isMissing(picture) {
		return nil
	}
	room := image.Pt(cells*g.cell.X, g.cell.Y)
	if w := picture.Rect.Dx(); w > room.X && room.X > 0 { // wider than the letters' cells
		narrow := image.NewNRGBA(image.Rect(0, 0, room.X, picture.Rect.Dy()))
		draw.ApproxBiLinear.Scale(narrow, narrow.Rect, picture, picture.Rect, draw.Src, nil)
		picture = narrow
	}
	drawn := &glyph{cells: cells}
	drawn.at = picture.Rect.Add(image.Pt((room.X-picture.Rect.Dx())/2, (room.Y-picture.Rect.Dy())/2))
	colours := false
	for y := range picture.Rect.Dy() {
		for x := range picture.Rect.Dx() {
			c := picture.NRGBAAt(x, y)
			if c.A == 0 {
				continue
			}
			drawn.dots = append(drawn.dots, dot{int16(x), int16(y), uint16(c.A) + uint16(c.A)>>7})
			drawn.tints = append(drawn.tints, color.RGBA{c.R, c.G, c.B, 255})
			colours = colours || c.A > 128 && (c.R < 200 || c.G < 200 || c.B < 200)
		}
	}
	if !colours {
		drawn.tints = nil
	}
	return drawn
}

// picture draws a text in white on nothing.
func (g *glyphs) picture(text string) *image.NRGBA {
	letters := canvas.NewText(text, color.White)
	letters.TextStyle.Monospace = true
	letters.TextSize = float32(g.size)
	size := letters.MinSize()
	if limit := float32(16 * g.size); size.Width > limit*8 {
		size.Width = limit * 8
	}
	c := software.NewTransparentCanvas()
	c.SetPadded(false)
	c.SetContent(letters)
	c.Resize(fyne.NewSize(float32(math.Ceil(float64(size.Width))), float32(math.Ceil(float64(size.Height)))))
	drawn := c.Capture()
	out := image.NewNRGBA(drawn.Bounds())
	draw.Draw(out, out.Rect, drawn, drawn.Bounds().Min, draw.Src)
	return out
}

// isMissing reports whether a picture is the one of a rune without a font.
func (g *glyphs) isMissing(picture *image.NRGBA) bool {
	if g.missing == nil {
		g.missing = g.picture("\U0010ffff") // no character, so no font has it
	}
	return picture.Rect == g.missing.Rect && bytes.Equal(picture.Pix, g.missing.Pix)
}

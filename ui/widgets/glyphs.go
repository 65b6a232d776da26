package widgets

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// maxGlyphs bounds a cache: rows are written by strangers, and Unicode is large.
const maxGlyphs = 16384

// A glyph is the picture of one rune.
type glyph struct {
	dots  []dot           // the pixels it touches
	tints []color.RGBA    // the dots' own colours; nil: the text's colour
	at    image.Rectangle // where they are, from the cell's top left corner
	cells int             // how many cells it takes: 0, 1 or 2; more for a run
}

// A dot is one pixel of a glyph.
type dot struct {
	x, y  int16
	cover uint16 // how much of the pixel is covered, of 256
}

// dotsOf lists the pixels that a mask touches.
func dotsOf(mask *image.Alpha) []dot {
	var dots []dot
	for y := range mask.Rect.Dy() {
		for x := range mask.Rect.Dx() {
			if a := uint16(mask.Pix[y*mask.Stride+x]); a > 0 {
				dots = append(dots, dot{int16(x), int16(y), a + a>>7})
			}
		}
	}
	return dots
}

// glyphs draws the runes of one font at one size into cells of equal size.
type glyphs struct {
	size     float64     // of the text, in pixels
	cell     image.Point // size of a cell in pixels
	baseline int         // from the cell's top
	faces    []face      // the first one that has a rune draws it
	ascii    [128]*glyph
	others   map[rune]*glyph
	runs     map[string]*glyph
	box      *glyph       // for runes that no font has
	missing  *image.NRGBA // what Fyne draws for such a rune
	limit    int          // how many runes are kept
	budget   int          // how many more glyphs Fyne may draw for this picture
	late     bool         // some were left for the next
}

type face struct {
	font *sfnt.Font
	face font.Face
}

// newGlyphs prepares fonts of the given size in pixels. Only the first font
// decides about the size of a cell. Fonts that cannot be read are left out.
func newGlyphs(size float64, fonts ...fyne.Resource) *glyphs {
	g := &glyphs{size: size, others: map[rune]*glyph{}, limit: maxGlyphs, budget: foreignPerPicture}
	for _, res := range fonts {
		if res == nil {
			continue
		}
		parsed, err := opentype.Parse(res.Content())
		if err != nil {
			continue
		}
		f, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingVertical})
		if err != nil {
			continue
		}
		g.faces = append(g.faces, face{parsed, f})
	}
	g.cell = image.Pt(max(1, int(math.Round(size*0.6))), max(1, int(math.Ceil(size*1.2))))
	g.baseline = int(math.Round(size))
	if len(g.faces) > 0 {
		m := g.faces[0].face.Metrics()
		advance, _ := g.faces[0].face.GlyphAdvance('0')
		g.cell = image.Pt(max(1, advance.Round()), max(1, m.Ascent.Ceil()+m.Descent.Ceil()))
		g.baseline = m.Ascent.Ceil()
	}
	g.box = g.makeBox()
	return g
}

// get returns the picture of r.
func (g *glyphs) get(r rune) *glyph {
	if r >= 0 && r < 128 {
		if g.ascii[r] == nil {
			g.ascii[r] = g.draw(r)
		}
		return g.ascii[r]
	}
	found, ok := g.others[r]
	if !ok {
		if len(g.others) >= g.limit {
			clear(g.others)
		}
		late := g.late
		g.late = false
		found = g.draw(r)
		if !g.late {
			g.others[r] = found
		}
		g.late = g.late || late
	}
	return found
}

// draw makes the picture of r from the first face that has it, or else from
// any font there is.
func (g *glyphs) draw(r rune) *glyph {
	cells := cellsOf(r)
	if r == ' ' {
		return &glyph{cells: 1}
	}
	for _, f := range g.faces {
		if index, err := f.font.GlyphIndex(nil, r); err != nil || index == 0 {
			continue
		}
		at, mask, maskp, advance, ok := f.face.Glyph(fixed.P(0, g.baseline), r)
		if !ok {
			continue
		}
		if cells > 0 { // center what was made for another width
			at = at.Add(image.Pt((cells*g.cell.X-advance.Round())/2, 0))
		} else { // a combining mark hangs over the cell before it
			at = at.Add(image.Pt(-g.cell.X, 0))
		}
		if at.Empty() {
			return &glyph{cells: cells}
		}
		own := image.NewAlpha(image.Rectangle{Max: at.Size()}) // the face reuses its mask
		draw.Draw(own, own.Rect, mask, maskp, draw.Src)
		return &glyph{dots: dotsOf(own), at: at, cells: cells}
	}
	if cells == 0 {
		return &glyph{}
	}
	if other := g.drawText(string(r), cells); other != nil {
		return other
	}
	return &glyph{dots: g.box.dots, at: g.box.at.Add(image.Pt((cells-1)*g.cell.X/2, 0)), cells: cells}
}

// makeBox draws the frame that stands for a rune without a picture.
func (g *glyphs) makeBox() *glyph {
	side := max(1, g.cell.X/8)
	at := image.Rect(side, g.baseline-g.cell.X, g.cell.X-side, g.baseline)
	mask := image.NewAlpha(image.Rectangle{Max: at.Size()})
	for y := range at.Dy() {
		for x := range at.Dx() {
			if x < side || y < side || x >= at.Dx()-side || y >= at.Dy()-side {
				mask.Pix[y*mask.Stride+x] = 255
			}
		}
	}
	return &glyph{dots: dotsOf(mask), at: at, cells: 1}
}

// wide lists the blocks whose characters take two cells, roughly as East Asian
// Width has them; scattered ones elsewhere are drawn in one.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x1100, Hi: 0x115f, Stride: 1}, {Lo: 0x2e80, Hi: 0x303e, Stride: 1},
		{Lo: 0x3041, Hi: 0x4dbf, Stride: 1}, {Lo: 0x4e00, Hi: 0xa4cf, Stride: 1},
		{Lo: 0xac00, Hi: 0xd7a3, Stride: 1}, {Lo: 0xf900, Hi: 0xfaff, Stride: 1},
		{Lo: 0xfe30, Hi: 0xfe4f, Stride: 1}, {Lo: 0xff00, Hi: 0xff60, Stride: 1},
		{Lo: 0xffe0, Hi: 0xffe6, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x1f300, Hi: 0x1f64f, Stride: 1}, {Lo: 0x1f680, Hi: 0x1f6ff, Stride: 1},
		{Lo: 0x1f900, Hi: 0x1f9ff, Stride: 1}, {Lo: 0x20000, Hi: 0x3fffd, Stride: 1},
	},
}

// cellsOf returns how many cells r takes.
func cellsOf(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}

// write draws text from at on, inside clip, and returns where it ended.
func (g *glyphs) write(dst *image.RGBA, clip image.Rectangle, text string, at image.Point, c color.RGBA) int {
	clip = clip.Intersect(dst.Rect)
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		picture := (*glyph)(nil)
		if r >= 0x590 {
			if n := runOf(text); n > 0 {
				if picture = g.run(text[:n]); picture != nil {
					size = n
				}
			}
		}
		if picture == nil {
			picture = g.get(r)
		}
		stamp(dst, clip, picture, at, c)
		at.X += picture.cells * g.cell.X
		text = text[size:]
	}
	return at.X
}

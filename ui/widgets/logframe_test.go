package widgets

import (
	"fmt"
	"image"
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// testFrame is a full screen of rows, made without a window.
func testFrame(t testing.TB, variant fyne.ThemeVariant, size image.Point, scale float64) *logFrame {
	test.NewTempApp(t)
	th := theme.DefaultTheme()
	g := newGlyphs(14*scale, th.Font(fyne.TextStyle{Monospace: true}), th.Font(fyne.TextStyle{}))
	colors := newPalette(lookUp(th, variant))
	columns := []Column{{Title: "Time", Width: 12, Ink: MutedInk}, {Width: 1}, {Title: "Conn", Width: 4}, {Title: "Size", Width: 6, Align: fyne.TextAlignTrailing}, {Title: "Message", Ink: PlainInk}}
	f := &logFrame{logLayout: newLogLayout(size, scale, g.cell, columns), columns: columns, colors: &colors, glyphs: g, focused: true}
	f.span = span{first: 1, last: 100_000, rows: f.logLayout.rows(), top: 5000}
	for n := f.top; n <= f.top+f.span.rows; n++ {
		f.lines = append(f.lines, Line{Number: uint64(n), Tone: Tone(n % int64(tones)), Cells: []string{
			"10:02:11.482", "←", "#3", "65 536", fmt.Sprintf(`{"row":%d,"text":"the quick brown fox jumps over the lazy dog","items":[1,2,3,4,5,6,7,8,9],"more":"and more and more"}`, n)}})
	}
	return f
}

func BenchmarkPaint(b *testing.B) {
	f := testFrame(b, theme.VariantDark, image.Pt(1200, 760), 1)
	dst := image.NewRGBA(image.Rectangle{Max: f.size})
	b.ReportAllocs()
	for b.Loop() {
		f.paint(dst)
	}
}

func TestPaintNeedsNoWindow(t *testing.T) {
	for _, scale := range []float64{0.5, 1, 1.25, 2} {
		// Sizes down to nothing: a splitter may leave no room at all.
		for _, size := range []image.Point{{1200, 760}, {300, 60}, {40, 20}, {1, 1}, {0, 0}} {
			f := testFrame(t, theme.VariantLight, size, scale)
			for _, text := range []string{"", "\x00\xff\n\t", "\u0301\u0301", "日本語日本語日本語日本語", "🙂\u200d🙂", "\U0010ffff\ufffd", "\u202eabc"} {
				for i := range f.lines {
					f.lines[i].Cells = []string{text, text, text, text, text, text, text}
					f.lines[i].Tone = 200
				}
				f.paint(image.NewRGBA(image.Rectangle{Max: size}))
			}
		}
	}
}

func TestEveryTextIsReadable(t *testing.T) {
	test.NewTempApp(t)
	for _, variant := range []fyne.ThemeVariant{theme.VariantLight, theme.VariantDark} {
		p := newPalette(lookUp(theme.DefaultTheme(), variant))
		for tone, c := range p.text {
			for i, back := range []color.RGBA{p.back, p.stripe, p.selected, p.selectedDim} {
				if got := contrast(c, back); got < 4.5 {
					t.Errorf("variant %d, tone %d on background %d: contrast %.2f, want at least 4.5", variant, tone, i, got)
				}
			}
		}
		if got := contrast(p.headerText, p.header); got < 4.5 {
			t.Errorf("variant %d, header: contrast %.2f", variant, got)
		}
		if got := contrast(p.pillText, p.pill); got < 4.5 {
			t.Errorf("variant %d, pill: contrast %.2f", variant, got)
		}
		if got := contrast(p.thumb, p.track); got < 3 {
			t.Errorf("variant %d, thumb: contrast %.2f", variant, got)
		}
	}
}

func TestGlyphCacheIsBounded(t *testing.T) {
	test.NewTempApp(t)
	g := newGlyphs(14, theme.DefaultTheme().Font(fyne.TextStyle{Monospace: true}))
	g.limit = 50
	for r := rune(0x80); r < 0x180; r++ {
		g.get(r)
	}
	if len(g.others) > g.limit {
		t.Errorf("%d glyphs are kept, want at most %d", len(g.others), g.limit)
	}
	if box := g.get('\u4e16'); len(box.dots) == 0 || box.cells != 2 {
		t.Errorf("a missing wide rune has %d dots in %d cells, want a box in 2", len(box.dots), box.cells)
	}
	broken := newGlyphs(14, fyne.NewStaticResource("broken", []byte("no font")), nil)
	if len(broken.get('a').dots) == 0 {
		t.Error("without a font, runes leave no mark")
	}
}

package widgets

import (
	"image"
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

func testGlyphs(t *testing.T) *glyphs {
	test.NewTempApp(t)
	th := theme.DefaultTheme()
	return newGlyphs(14, th.Font(fyne.TextStyle{Monospace: true}), th.Font(fyne.TextStyle{}))
}

func TestRunsOfShapedLetters(t *testing.T) {
	for text, want := range map[string]string{
		"abc":               "",
		"":                  "",
		"مرحبا":             "مرحبا",
		"مرحبا بالعالم, ok": "مرحبا بالعالم",
		"שלום  two spaces":  "שלום",
		" שלום":             "",
		"नमस्ते x":          "नमस्ते",
	} {
		if got := text[:runOf(text)]; got != want {
			t.Errorf("runOf(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestShapedLettersAreDrawnTogether(t *testing.T) {
	g := testGlyphs(t)
	const word = "مرحبا"
	together := g.run(word)
	if together == nil || len(together.dots) == 0 {
		t.Fatal("an Arabic word leaves no mark")
	}
	if together.cells != 5 {
		t.Errorf("the word takes %d cells, want 5: one for each letter", together.cells)
	}
	if again := g.run(word); again != together {
		t.Error("the word is drawn twice")
	}
	g.begin()
	for i := range 3 * maxRuns {
		g.budget = foreignPerPicture
		g.run(word + " " + string(rune(0x627+i%20)) + string(rune(0x627+i/20%20)) + string(rune(0x627+i/400%20)))
	}
	if len(g.runs) > maxRuns {
		t.Errorf("%d runs are kept, want at most %d", len(g.runs), maxRuns)
	}
}

func TestEmojiHaveColours(t *testing.T) {
	g := testGlyphs(t)
	smile := g.get('🙂')
	if smile.cells != 2 || len(smile.tints) != len(smile.dots) || len(smile.dots) == 0 {
		t.Fatalf("the emoji has %d dots, %d colours, %d cells", len(smile.dots), len(smile.tints), smile.cells)
	}
	dst := image.NewRGBA(image.Rect(0, 0, 40, 20))
	fill(dst, dst.Rect, color.RGBA{A: 255})
	stamp(dst, dst.Rect, smile, image.Point{}, color.RGBA{0, 0, 255, 255})
	yellow := 0
	for i := 0; i < len(dst.Pix); i += 4 {
		if dst.Pix[i] > 200 && dst.Pix[i+1] > 150 && dst.Pix[i+2] < 120 {
			yellow++
		}
	}
	if yellow < 20 {
		t.Errorf("%d pixels are yellow, want a face", yellow)
	}
}

func TestForeignGlyphsComeOverSeveralPictures(t *testing.T) {
	g := testGlyphs(t)
	g.begin()
	g.budget = 1
	g.get('🙂')
	if g.late {
		t.Fatal("late within the budget")
	}
	box := g.get('🚀')
	if !g.late || len(box.tints) != 0 {
		t.Fatal("the second emoji was drawn with a budget of one")
	}
	g.begin()
	if rocket := g.get('🚀'); g.late || len(rocket.tints) == 0 {
		t.Error("the second emoji did not come with the next picture")
	}
}

package widgets_test

import (
	"fmt"
	"image"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/ui/widgets"
)

func sameImage(a, b image.Image) bool {
	if a.Bounds() != b.Bounds() {
		return false
	}
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			if a.At(x, y) != b.At(x, y) {
				return false
			}
		}
	}
	return true
}

// find returns the first object of a kind that satisfies ok.
func find[T fyne.CanvasObject](o fyne.CanvasObject, ok func(T) bool) (found T, there bool) {
	if t, is := o.(T); is && ok(t) {
		return t, true
	}
	var children []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		children = o.Objects
	case fyne.Widget:
		children = test.WidgetRenderer(o).Objects()
	}
	for _, child := range children {
		if found, there = find(child, ok); there {
			return found, true
		}
	}
	return found, false
}

func press(t *testing.T, o fyne.CanvasObject, name string) {
	t.Helper()
	b, ok := find(o, func(b *widget.Button) bool { return strings.HasPrefix(b.Text, name) && b.Visible() })
	if !ok {
		t.Fatalf("there is no button %q", name)
	}
	test.Tap(b)
}

// large is 3 MB of lines, one of them far too long for any window.
func large() string {
	var out strings.Builder
	out.WriteString(strings.Repeat("long ", 2000) + "\n")
	for n := 0; out.Len() < 3<<20; n++ {
		fmt.Fprintf(&out, "\tline %d\n", n)
	}
	return out.String()[:3<<20]
}

func TestCopyTextPictures(t *testing.T) {
	for name, change := range map[string]func(*testing.T, *widgets.CopyText){
		"short": func(_ *testing.T, c *widgets.CopyText) { c.SetText("{\n  \"hello\": \"relay\"\n}") },
		"part":  func(_ *testing.T, c *widgets.CopyText) { c.SetText(large()) },
		"all": func(t *testing.T, c *widgets.CopyText) {
			c.SetText(large())
			press(t, c, "Show all 3 MB")
		},
	} {
		for variant, v := range variants {
			t.Run(name+" "+variant, func(t *testing.T) {
				useTheme(t, v)
				c := widgets.NewCopyText(true)
				w := show(t, c, 480, 180)
				change(t, c)
				test.AssertRendersToImage(t, "copytext-"+fileName(name, variant), w.Canvas())
			})
		}
	}
}

func TestCopyCopiesAllOfALargeText(t *testing.T) {
	useTheme(t, theme.VariantLight)
	c := widgets.NewCopyText(true)
	show(t, c, 480, 180)
	copied := 0
	c.OnCopied = func() { copied++ }
	want := large()
	c.SetText(want)
	press(t, c, "Copy")
	if got := fyne.CurrentApp().Clipboard().Content(); got != want || copied != 1 {
		t.Errorf("copied %d bytes, %d times; want %d, once", len(got), copied, len(want))
	}
	if got := c.Text(); got != want {
		t.Errorf("Text() has %d bytes, want %d", len(got), len(want))
	}
}

func TestSelectedLinesAreCopiedAsTheyAre(t *testing.T) {
	useTheme(t, theme.VariantLight)
	c := widgets.NewCopyText(true)
	w := show(t, c, 480, 180)
	want := large()
	c.SetText(want)
	press(t, c, "Show all")
	w.Canvas().Capture()
	list, ok := find(c, func(*widgets.LogView) bool { return true })
	if !ok {
		t.Fatal("there is no list of lines")
	}
	list.TypedShortcut(&fyne.ShortcutSelectAll{})
	list.TypedShortcut(&fyne.ShortcutCopy{})
	if got := fyne.CurrentApp().Clipboard().Content(); got != want {
		t.Errorf("all lines are %d bytes, want the %d of the text, without the breaks of the view", len(got), len(want))
	}

	c.SetText("short")
	if _, ok := find(c, func(*widgets.LogView) bool { return true }); ok {
		t.Error("the list is still there for a short text")
	}
}

func TestLargeTextIsNotCutInsideACharacter(t *testing.T) {
	useTheme(t, theme.VariantLight)
	c := widgets.NewCopyText(false)
	c.SetText("x" + strings.Repeat("ä", 20_000))
	l, ok := find(c, func(l *widget.Label) bool { return strings.HasPrefix(l.Text, "xä") })
	if !ok || strings.ContainsRune(l.Text, '\ufffd') || len(l.Text) >= 20_000 {
		t.Errorf("the first part has %d bytes, or half a character at its end", len(l.Text))
	}
}

package widgets_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"relayscope/ui/widgets"
)

// What the default theme makes of a line of a TextView at scale 1.
const (
	lineHeight = 19
	lineLeft   = 10
	charWidth  = 8
)

func newTextView(t *testing.T, text string, width, height float32) (*widgets.TextView, fyne.Window) {
	t.Helper()
	v := widgets.NewTextView(newQueue().do)
	t.Cleanup(v.Close)
	w := show(t, v, width, height)
	v.SetText(text, nil)
	w.Canvas().Capture()
	return v, w
}

// textAt is the left edge of a character, in the middle of its line.
func textAt(line, column int) fyne.Position {
	return fyne.NewPos(float32(lineLeft+column*charWidth), float32(line*lineHeight+lineHeight/2))
}

func dragText(v *widgets.TextView, from, to fyne.Position) {
	down := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
	down.Position = from
	v.MouseDown(down)
	v.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: to}})
	v.DragEnd()
	v.MouseUp(down)
}

func TestTextIsSelectedByCharacters(t *testing.T) {
	useTheme(t, theme.VariantLight)
	v, _ := newTextView(t, "first line\n\tsecond 日本 line\nthird", 400, 120)
	dragText(v, textAt(0, 6), textAt(0, 10))
	if got := v.SelectedText(); got != "line" {
		t.Errorf("selected %q, want %q", got, "line")
	}
	dragText(v, textAt(2, 2), textAt(0, 6)) // upwards
	if got := v.SelectedText(); got != "line\n\tsecond 日本 line\nth" {
		t.Errorf("selected %q", got)
	}
	dragText(v, textAt(1, 4+7), textAt(1, 4+7+4)) // two wide characters after a tab
	if got := v.SelectedText(); got != "日本" {
		t.Errorf("selected %q, want the wide characters", got)
	}
	v.DoubleTapped(&fyne.PointEvent{Position: textAt(1, 4+3)})
	if got := v.SelectedText(); got != "second" {
		t.Errorf("a double click selected %q, want the word", got)
	}
	v.TypedShortcut(&fyne.ShortcutCopy{})
	if got := fyne.CurrentApp().Clipboard().Content(); got != "second" {
		t.Errorf("copied %q", got)
	}
	v.TypedShortcut(&fyne.ShortcutSelectAll{})
	if got := v.SelectedText(); got != v.Text() {
		t.Errorf("Ctrl+A selected %q", got)
	}
}

func TestCopyWithoutSelectionIsAllOfTheText(t *testing.T) {
	useTheme(t, theme.VariantLight)
	v, _ := newTextView(t, "one\ntwo", 200, 60)
	v.TypedShortcut(&fyne.ShortcutCopy{})
	if got := fyne.CurrentApp().Clipboard().Content(); got != "one\ntwo" {
		t.Errorf("copied %q", got)
	}
}

func TestHitsAreVisited(t *testing.T) {
	useTheme(t, theme.VariantLight)
	var text strings.Builder
	var hits []widgets.Part
	for i := range 200 {
		if i%50 == 49 {
			hits = append(hits, widgets.Part{From: text.Len(), To: text.Len() + 4})
			text.WriteString("here")
		}
		fmt.Fprintf(&text, " line %d\n", i)
	}
	v, _ := newTextView(t, text.String(), 300, 5*lineHeight)
	var told []string
	v.OnHit = func(n, of int) { told = append(told, fmt.Sprint(n, "/", of)) }
	v.SetHits(hits, true)
	for v.NextHit(1) {
	}
	for v.NextHit(-1) {
	}
	if got := strings.Join(told, " "); got != "1/4 2/4 3/4 4/4 3/4 2/4 1/4" {
		t.Errorf("visited %s", got)
	}
	v.SetHits(hits, false)
	v.NextHit(-1) // from the end
	dragText(v, textAt(4, 0), textAt(4, 4))
	if got := v.SelectedText(); got != "here" {
		t.Errorf("the last hit is not on screen: its place holds %q", got)
	}
}

func TestTextScrolls(t *testing.T) {
	useTheme(t, theme.VariantLight)
	v, w := newTextView(t, strings.Repeat("0123456789\n", 99)+"the end", 300, 5*lineHeight)
	top := func() string {
		dragText(v, textAt(0, 0), textAt(0, 7))
		return v.SelectedText()
	}
	v.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
	dragText(v, textAt(4, 0), textAt(4, 7))
	if got := v.SelectedText(); got != "the end" {
		t.Errorf("End shows %q last", got)
	}
	v.TypedKey(&fyne.KeyEvent{Name: fyne.KeyHome})
	test.Scroll(w.Canvas(), textAt(1, 1), 0, -1e6)
	if got := top(); got != "0123456" {
		t.Errorf("after the wheel %q is first", got)
	}
	dragText(v, textAt(4, 0), textAt(4, 7))
	if got := v.SelectedText(); got != "the end" {
		t.Errorf("the wheel shows %q last", got)
	}
}

func TestResizingKeepsTheLineInSight(t *testing.T) {
	useTheme(t, theme.VariantLight)
	var text strings.Builder
	for i := range 300 {
		fmt.Fprintf(&text, "%03d %s\n", i, strings.Repeat("x", 60))
	}
	v, w := newTextView(t, text.String(), 300, 6*lineHeight)
	for range 40 {
		v.TypedKey(&fyne.KeyEvent{Name: fyne.KeyPageDown})
	}
	dragText(v, textAt(0, 0), textAt(0, 3))
	before := v.SelectedText()
	w.Resize(fyne.NewSize(800, 6*lineHeight))
	w.Canvas().Capture()
	dragText(v, textAt(0, 0), textAt(0, 3))
	if after := v.SelectedText(); after != before && !strings.Contains(before, "x") {
		t.Errorf("line %q was first, now it is %q", before, after)
	}
}

func TestTextViewPictures(t *testing.T) {
	text := "{\n    \"greeting\": \"hello, relay\",\n    \"count\": 42,\n    \"ok\": true,\n    \"arabic\": \"مرحبا بالعالم\", \"emoji\": \"🙂\"\n}"
	tints := func(parts ...string) []widgets.Tinted {
		var all []widgets.Tinted
		at := 0
		for i, part := range parts {
			from := at + strings.Index(text[at:], part)
			at = from + len(part)
			all = append(all, widgets.Tinted{Part: widgets.Part{From: from, To: at}, Tone: []widgets.Tone{widgets.In, widgets.Good, widgets.Out}[i%3]})
		}
		return all
	}
	for variant, v := range variants {
		t.Run(variant, func(t *testing.T) {
			useTheme(t, v)
			view, w := newTextView(t, "", 420, 130)
			view.SetText(text, tints(`"greeting"`, `"hello, relay"`, "42"))
			w.Canvas().Focus(view)
			from := strings.Index(text, "relay")
			view.SetHits([]widgets.Part{{From: from, To: from + 5}, {From: strings.Index(text, "true"), To: strings.Index(text, "true") + 4}}, true)
			dragText(view, textAt(2, 4), textAt(3, 8))
			test.AssertRendersToImage(t, "textview-"+variant+".png", w.Canvas())
		})
	}
}

func TestWaterfallPictures(t *testing.T) {
	legs := []widgets.Leg{
		{Name: "DNS", Took: 1800 * time.Microsecond},
		{Name: "TCP", Start: 1800 * time.Microsecond, Took: 21 * time.Millisecond},
		{Name: "TLS", Start: 22800 * time.Microsecond, Took: 48 * time.Millisecond},
		{Name: "Upgrade", Start: 70800 * time.Microsecond, Took: 120 * time.Microsecond},
	}
	for variant, v := range variants {
		t.Run(variant, func(t *testing.T) {
			useTheme(t, v)
			view := widgets.NewWaterfall()
			view.SetLegs(legs)
			w := show(t, view, 420, 120)
			test.AssertRendersToImage(t, "waterfall-"+variant+".png", w.Canvas())
		})
	}
	if got := widgets.DurationText(190 * time.Second); got != "3 min 10 s" {
		t.Errorf("DurationText = %q", got)
	}
}

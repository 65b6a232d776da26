package widgets_test

import (
	"fmt"
	"image"
	"image/color"
	"strings"
	"sync"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"relayscope/ui/widgets"
)

// fixedTheme is the default theme in one variant, whatever the system prefers.
type fixedTheme struct {
	fyne.Theme
	variant fyne.ThemeVariant
}

func (f fixedTheme) Color(name fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	return f.Theme.Color(name, f.variant)
}

var variants = map[string]fyne.ThemeVariant{"light": theme.VariantLight, "dark": theme.VariantDark}

// useTheme starts an application for one test.
func useTheme(t testing.TB, variant fyne.ThemeVariant) {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(fixedTheme{theme.DefaultTheme(), variant})
}

// show puts an object alone into a window of the given size.
func show(t testing.TB, o fyne.CanvasObject, width, height float32) fyne.Window {
	t.Helper()
	w := test.NewTempWindow(t, o)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(width, height))
	return w
}

// rows is a source that holds the newest of the rows added to it.
type rows struct {
	mu    sync.Mutex
	keep  int
	first uint64
	lines []widgets.Line
}

func newRows(keep, count int) *rows {
	r := &rows{keep: keep, first: 1}
	r.add(count)
	return r
}

func (r *rows) add(count int) {
	for range count {
		n := r.next()
		r.put(widgets.Line{Cells: []string{fmt.Sprintf("10:02:11.%03d", n%1000), "←", "#3", "text", "42", fmt.Sprintf(`{"row":%d}`, n)}, Tone: widgets.In})
	}
}

func (r *rows) next() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.first + uint64(len(r.lines))
}

func (r *rows) put(l widgets.Line) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l.Number = r.first + uint64(len(r.lines))
	r.lines = append(r.lines, l)
	if drop := len(r.lines) - r.keep; drop > 0 {
		r.lines = r.lines[drop:]
		r.first += uint64(drop)
	}
}

func (r *rows) Bounds() (first, last uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.first, r.first + uint64(len(r.lines)) - 1
}

func (r *rows) Lines(from uint64, dst []widgets.Line) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	from = max(from, r.first)
	if from >= r.first+uint64(len(r.lines)) {
		return 0
	}
	return copy(dst, r.lines[from-r.first:])
}

var columns = []widgets.Column{
	{Title: "Time", Width: 12, Ink: widgets.MutedInk},
	{Title: "", Width: 1},
	{Title: "Conn", Width: 4, Ink: widgets.MutedInk},
	{Title: "Type", Width: 7},
	{Title: "Size", Width: 6, Align: fyne.TextAlignTrailing, Ink: widgets.MutedInk},
	{Title: "Message", Ink: widgets.PlainInk},
}

// every is one row of each tone.
func every() *rows {
	r := newRows(1000, 0)
	for _, l := range []widgets.Line{
		{Tone: widgets.Muted, Cells: []string{"10:02:11.001", "·", "", "state", "", "Connecting to contoso.servicebus.windows.net"}},
		{Tone: widgets.Good, Cells: []string{"10:02:11.482", "●", "", "online", "", "Listener online; token good for 54 min"}},
		{Tone: widgets.Normal, Cells: []string{"10:02:12.003", "◆", "#3", "accept", "", "Sender connected through g12-prod-am3-001-sb"}},
		{Tone: widgets.In, Cells: []string{"10:02:12.017", "←", "#3", "text", "42", `{"hello":"relay","items":[1,2,3]}`}},
		{Tone: widgets.Out, Cells: []string{"10:02:12.019", "→", "#3", "text", "42", `{"hello":"relay","items":[1,2,3]}`}},
		{Tone: widgets.In, Cells: []string{"10:02:12.120", "←", "#3", "binary", "65 536", "00 ff 41 c3 28 7f 00 ff 41 c3 28 7f"}},
		{Tone: widgets.Warning, Cells: []string{"10:02:13.250", "!", "", "retry", "", "Connection lost; next attempt in 4 s"}},
		{Tone: widgets.Bad, Cells: []string{"10:02:14.911", "✕", "#3", "close", "", "1008: token expired (TrackingId 7f3a_G12)"}},
		{Tone: widgets.In, Cells: []string{"10:02:15.000", "←", "#4", "text", "9 999", "long " + strings.Repeat("abcdefghij ", 40)}},
		{Tone: widgets.In, Cells: []string{"10:02:15.002", "←", "#4", "text", "31", "Grüße, Καλημέρα, Привет, \u4e16\u754c"}},
	} {
		r.put(l)
	}
	return r
}

// queue is the goroutine that owns the window, as a test plays it.
type queue chan func()

func newQueue() queue       { return make(queue, 1000) }
func (q queue) do(f func()) { q <- f }

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

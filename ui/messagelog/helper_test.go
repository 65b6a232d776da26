package messagelog_test

import (
	"fmt"
	"image/color"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient/journal"
	"relayscope/ui/messagelog"
	"relayscope/ui/widgets"
)

// fixedTheme is the default theme in one variant, as dense as the program's.
type fixedTheme struct {
	fyne.Theme
	variant fyne.ThemeVariant
}

func (f fixedTheme) Color(name fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	return f.Theme.Color(name, f.variant)
}

func (f fixedTheme) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return 13
	case theme.SizeNameCaptionText:
		return 11.5
	case theme.SizeNameInnerPadding:
		return 6
	}
	return f.Theme.Size(name)
}

var variants = map[string]fyne.ThemeVariant{"light": theme.VariantLight, "dark": theme.VariantDark}

// A rig is a pane in a window of its own. The test plays the main goroutine.
type rig struct {
	t       *testing.T
	pane    *messagelog.Pane
	journal *journal.Journal
	window  fyne.Window
	queue   chan func()
	copied  string
	started int // how often the start was pressed
}

func newRig(t *testing.T, variant fyne.ThemeVariant, width, height float32) *rig {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(fixedTheme{theme.DefaultTheme(), variant})
	r := &rig{t: t, journal: journal.New(0, 0), queue: make(chan func(), 10_000)}
	r.pane = messagelog.New(messagelog.Options{OnMain: func(f func()) { r.queue <- f }, Copy: func(text string) { r.copied = text },
		Start: func() { r.started++ }})
	r.window = test.NewTempWindow(t, r.pane.Content())
	r.window.SetPadded(false)
	r.window.Resize(fyne.NewSize(width, height))
	t.Cleanup(r.pane.Close)
	r.pane.Show(r.journal, messagelog.About{Name: "orders", Base: "https://contoso.servicebus.windows.net/orders"})
	r.window.Canvas().Capture()
	r.drain()
	return r
}

// drain runs what waits for the main goroutine.
func (r *rig) drain() {
	for {
		select {
		case f := <-r.queue:
			f()
		default:
			return
		}
	}
}

// until plays the main goroutine until something is so.
func (r *rig) until(what string, done func() bool) {
	r.t.Helper()
	for patience := time.After(20 * time.Second); !done(); {
		select {
		case f := <-r.queue:
			f()
		case <-patience:
			r.t.Fatalf("%s: it did not happen. The log counts %q", what, r.label("log.count"))
		}
	}
}

// counts waits until the log counts its rows so.
func (r *rig) counts(want string) {
	r.t.Helper()
	r.until("count "+want, func() bool { return r.label("log.count") == want })
}

func object[T fyne.CanvasObject](r *rig, name string) T {
	r.t.Helper()
	o, ok := r.pane.Objects()[name].(T)
	if !ok {
		r.t.Fatalf("%q is %T", name, r.pane.Objects()[name])
	}
	return o
}

func (r *rig) label(name string) string { return object[*widget.Label](r, name).Text }

func (r *rig) list() *widgets.LogView    { return object[*widgets.LogView](r, "log") }
func (r *rig) detail() *widgets.TextView { return object[*widgets.TextView](r, "log.detail") }

// press presses a button.
func (r *rig) press(name string) {
	r.t.Helper()
	b := object[*widgets.Button](r, name)
	if !b.Visible() || b.Disabled() {
		r.t.Fatalf("the button %q is visible: %t, disabled: %t", name, b.Visible(), b.Disabled())
	}
	test.Tap(b)
}

// choose takes an item of the menu that is open.
func (r *rig) choose(label string) {
	r.t.Helper()
	for _, o := range test.LaidOutObjects(r.window.Canvas().Overlays().Top()) {
		item, ok := o.(interface {
			fyne.Widget
			fyne.Tappable
		})
		if !ok {
			continue
		}
		for _, part := range test.WidgetRenderer(item).Objects() {
			if text, ok := part.(*canvas.Text); ok && text.Text == label {
				test.Tap(item)
				return
			}
		}
	}
	r.t.Fatalf("there is no item %q", label)
}

// filter types into the filter.
func (r *rig) filter(text string) {
	e := object[*widgets.Entry](r, "log.filter")
	e.SetText("")
	r.window.Canvas().Focus(e)
	for _, c := range text {
		e.TypedRune(c)
	}
}

// at is the middle of the i-th line of the list on screen, from 0.
func (r *rig) at(i int) fyne.Position { return fyne.NewPos(200, float32(26+i*20+10)) }

func (r *rig) click(i int, held fyne.KeyModifier) {
	e := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary, Modifier: held}
	e.Position = r.at(i)
	r.list().MouseDown(e)
	r.list().MouseUp(e)
}

// key types a key into what has the keyboard.
func (r *rig) key(names ...fyne.KeyName) {
	for _, name := range names {
		r.window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: name})
	}
}

func (r *rig) typed(text string) {
	for _, c := range text {
		r.window.Canvas().Focused().TypedRune(c)
	}
}

// start is when the rows of a test begin.
var start = time.Date(2026, 3, 4, 10, 2, 11, 482_000_000, time.Local)

// fill appends rows of every kind.
func (r *rig) fill() {
	at := start
	next := func(after time.Duration) time.Time {
		at = at.Add(after)
		return at
	}
	for _, row := range []journal.Row{
		{Lane: journal.Listener, Kind: journal.State, Type: "connecting", Text: "opening the control channel", Time: next(0)},
		{Lane: journal.Listener, Kind: journal.State, Type: "online", Text: "registered in 84 ms, token good until 11:02:11", Detail: "time  DNS 2 ms, TCP 20 ms, TLS 41 ms, upgrade 21 ms\nto    203.0.113.7:443", Time: next(84 * time.Millisecond),
			Facts: &journal.Facts{Legs: []journal.Leg{{Name: "DNS", Took: 2 * time.Millisecond}, {Name: "TCP", Start: 2 * time.Millisecond, Took: 20 * time.Millisecond}, {Name: "TLS", Start: 22 * time.Millisecond, Took: 41 * time.Millisecond}, {Name: "Upgrade", Start: 63 * time.Millisecond, Took: 21 * time.Millisecond}}}},
		{Lane: journal.Listener, Kind: journal.State, Type: "connected", Connection: "#1", Text: "accepted in 31 ms from 203.0.113.9:50012, path /chat", Time: next(1200 * time.Millisecond),
			Facts: &journal.Facts{Path: "/chat?user=1", Header: []journal.Field{{Name: "User-Agent", Value: "relayscope"}}}},
		{Lane: journal.Sender, Direction: journal.Out, Kind: journal.Data, Connection: "#1", Type: "text", Size: 43, Payload: []byte(`{"order":4711,"item":"lamp","status":"new"}`), Time: next(3 * time.Millisecond)},
		{Lane: journal.Listener, Direction: journal.In, Kind: journal.Data, Connection: "#1", Type: "text", Size: 43, Payload: []byte(`{"order":4711,"item":"lamp","status":"new"}`), Time: next(11 * time.Millisecond)},
		{Lane: journal.Listener, Direction: journal.Out, Kind: journal.Data, Connection: "#1", Type: "text", Size: 47, Payload: []byte(`{"order":4711,"item":"lamp","status":"accepted"}`), Time: next(1 * time.Millisecond), Pair: 5, Latency: time.Millisecond},
		{Lane: journal.Sender, Direction: journal.In, Kind: journal.Data, Connection: "#1", Type: "binary", Size: 9, Payload: []byte("\x81\xa5greet\xa2hi"), Time: next(12 * time.Millisecond)},
		{Lane: journal.Sender, Direction: journal.Out, Kind: journal.Data, Connection: "#2", Type: "text", Size: 40, Payload: []byte("Grüße, مرحبا, 🙂 and a\u202etrap\x1b[31m"), Time: next(750 * time.Millisecond)},
		{Lane: journal.Listener, Direction: journal.In, Kind: journal.HTTP, Connection: "#3", Type: "request", Text: "GET /orders/4711", Time: next(75 * time.Second),
			Facts: &journal.Facts{Method: "GET", Path: "/orders/4711", Exchange: "x1", Header: []journal.Field{{Name: "Accept", Value: "application/json"}, {Name: "Via", Value: "1.1 contoso.servicebus.windows.net"}}}},
		{Lane: journal.Listener, Direction: journal.Out, Kind: journal.HTTP, Connection: "#3", Type: "response", Text: "404 Not Found", Status: 404, Latency: 23 * time.Millisecond, Pair: 9, Size: 17, Payload: []byte(`{"error":"no 47"}`), Time: next(23 * time.Millisecond),
			Facts: &journal.Facts{Method: "GET", Path: "/orders/4711", Exchange: "x1", Header: []journal.Field{{Name: "Content-Type", Value: "application/json"}}}},
		{Lane: journal.Listener, Kind: journal.Problem, Type: "offline", Text: "The relay rejected the token", Detail: "The relay rejected the token\nCause: the token has expired\nNext: check the clock", TrackingID: "7f3a_G12", Time: next(4 * time.Second)},
	} {
		r.journal.Append(row)
	}
}

// more appends plain messages.
func (r *rig) more(n int) {
	for i := range n {
		text := fmt.Sprintf(`{"row":%d,"text":"%s"}`, i, strings.Repeat("x", i%30))
		r.journal.Append(journal.Row{Lane: journal.Listener, Direction: journal.In, Kind: journal.Data, Connection: "#4", Type: "text", Payload: []byte(text), Time: start.Add(time.Hour + time.Duration(i)*time.Millisecond)})
	}
}

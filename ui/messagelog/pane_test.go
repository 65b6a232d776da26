package messagelog_test

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient/journal"
	"relayscope/ui/messagelog"
	"relayscope/ui/widgets"
)

func newFilled(t *testing.T) *rig {
	r := newRig(t, theme.VariantLight, 1000, 320)
	r.fill()
	r.counts("11 rows")
	return r
}

func TestFilterByTypingAndChips(t *testing.T) {
	r := newFilled(t)
	r.filter("dir:in")
	r.counts("3 of 11")
	r.press("log.chip.HTTP")
	r.counts("1 of 11")
	r.press("log.chip.HTTP") // pressed again, it is All
	r.counts("3 of 11")
	r.filter(`status:404 or "rejected the token"`)
	r.counts("2 of 11")
	r.key(fyne.KeyEscape)
	r.counts("11 rows")
	r.key(fyne.KeyEscape) // nothing to clear: to the rows
	if r.window.Canvas().Focused() != r.list() {
		t.Error("a second Escape does not lead to the rows")
	}
	r.press("log.chip.Errors")
	r.counts("2 of 11")
}

func TestMistakeIsNamedAndTheFilterBeforeItStays(t *testing.T) {
	r := newFilled(t)
	r.filter("dir:in")
	r.counts("3 of 11")
	r.typed("x")
	problem := object[*widget.Label](r, "log.problem")
	if text := problem.Text; !strings.Contains(text, "in, out or none") {
		t.Errorf("the mistake is explained with %q", text)
	}
	r.counts("3 of 11")
	r.key(fyne.KeyBackspace)
	if problem.Text != "" {
		t.Errorf("%q is still said once it is mended", problem.Text)
	}
}

func TestNoMatchOffersToClearTheFilter(t *testing.T) {
	r := newFilled(t)
	r.press("log.chip.In")
	r.filter("nothing like it")
	r.counts("0 of 11")
	r.press("log.nofilter")
	r.counts("11 rows")
	if r.label("log.empty") != "" {
		t.Errorf("%q is said above rows", r.label("log.empty"))
	}
}

func TestDetailStaysWhileRowsArriveAndDrop(t *testing.T) {
	r := newFilled(t)
	r.journal.SetBounds(50, 0)
	r.click(5, 0)
	want := r.detail().Text()
	if !strings.Contains(want, `"status": "accepted"`) {
		t.Fatalf("the detail shows %q", want)
	}
	r.more(500)
	r.counts("50 rows")
	if got := r.detail().Text(); got != want || !r.detail().Visible() {
		t.Errorf("after 500 rows the detail shows %q", got)
	}
	r.press("log.close")
	if r.label("log.heading") == "" || r.pane.Objects()["log.heading"].Visible() && r.detail().Size().IsZero() {
		t.Error("the detail cannot be closed")
	}
}

func TestFilterKeepsTheSelectedRow(t *testing.T) {
	r := newFilled(t)
	r.click(5, 0)
	r.filter("status")
	r.counts("3 of 11")
	if first, last := r.list().Selection(); first != last || first == 0 {
		t.Errorf("selection = %d, %d: the row is lost", first, last)
	}
	if got := len(r.detail().Text()); got == 0 {
		t.Error("the detail is empty")
	}
	r.filter("dir:none")
	r.counts("4 of 11")
	if !strings.Contains(r.detail().Text(), "accepted") {
		t.Error("the detail does not keep a row that the filter hides")
	}
}

func TestNextAndPreviousMatch(t *testing.T) {
	r := newFilled(t)
	r.filter("order")
	r.counts("5 of 11")
	r.window.Canvas().Focus(r.list())
	var seen []string
	for range 4 {
		r.typed("n")
		seen = append(seen, r.label("log.heading"))
	}
	if got := strings.Join(seen, "; "); got != "sender #1 · text · 43 bytes; listener #1 · text · 43 bytes; listener #1 · text · 48 bytes · 1.0 ms; listener #3 · request" {
		t.Errorf("n visited %s", got)
	}
	r.typed("N")
	if got := r.label("log.heading"); !strings.Contains(got, "48 bytes") {
		t.Errorf("N leads to %q", got)
	}
}

func TestFindingWithoutHiding(t *testing.T) {
	r := newFilled(t)
	fyne.CurrentApp().Preferences().SetBool("log.find", true)
	again := newRigOn(t, r.journal)
	again.filter("accepted")
	again.counts("2 found in 11 rows")
	again.window.Canvas().Focus(again.list())
	again.until("match", func() bool { again.typed("n"); return again.label("log.heading") != "" })
	again.typed("n")
	if got := again.label("log.heading"); !strings.Contains(got, "48 bytes") {
		t.Errorf("the second match is in %q", got)
	}
}

func TestPauseFreezesTheViewOnly(t *testing.T) {
	r := newRig(t, theme.VariantLight, 1000, 320)
	r.journal.SetBounds(100, 0)
	r.more(100)
	r.counts("100 rows")
	r.press("log.pause")
	r.click(3, 0)
	before, text := r.selection(), r.detail().Text()
	r.more(1000) // everything that was on screen is dropped
	r.until("wait", func() bool {
		return object[*widgets.Button](r, "log.pause").Text == "Paused · 1 000 wait"
	})
	r.click(3, 0)
	if r.selection() != before || r.detail().Text() != text {
		t.Errorf("the row on screen is now %d %q, was %d %q", r.selection(), r.detail().Text(), before, text)
	}
	r.press("log.pause")
	if !r.list().Following() {
		t.Error("after the pause the newest row is not followed")
	}
	if _, last := r.journal.Bounds(); last != 1100 {
		t.Errorf("the last row is %d: the pause held up the capture", last)
	}
}

func TestPauseOutlivesAFilter(t *testing.T) {
	r := newFilled(t)
	r.press("log.pause")
	r.more(100)
	r.filter("dir:in")
	r.until("filtered", func() bool { return r.label("log.count") == "103 of 111" })
	r.click(2, 0)
	if got := r.label("log.heading"); !strings.Contains(got, "request") {
		t.Errorf("the last row of the pause is %q", got)
	}
	r.click(3, 0) // nothing is below it
	if _, last := r.list().Selection(); last != r.selection() || !strings.Contains(r.label("log.heading"), "request") {
		t.Errorf("there is a row below: %q", r.label("log.heading"))
	}
	r.until("wait", func() bool {
		return object[*widgets.Button](r, "log.pause").Text == "Paused · 100 wait"
	})
}

func TestClearCanBeUndone(t *testing.T) {
	r := newFilled(t)
	r.press("log.clear")
	r.counts("no rows")
	r.more(3)
	r.counts("3 rows")
	r.press("log.undo")
	r.counts("14 rows")
	if r.label("log.notice") != "" {
		t.Errorf("%q is still said", r.label("log.notice"))
	}
}

func TestFollowOneConnection(t *testing.T) {
	r := newFilled(t)
	r.click(4, 0)
	r.window.Canvas().Focus(r.list())
	r.typed("f")
	r.counts("5 of 11")
	if got := object[*widgets.Button](r, "log.conn").Text; got != "Only #1" {
		t.Errorf("the chip says %q", got)
	}
	r.press("log.conn")
	r.counts("11 rows")
}

func TestRequestAndReplyLeadToEachOther(t *testing.T) {
	r := newFilled(t)
	r.click(9, 0)
	r.press("log.pair")
	if got := r.label("log.heading"); !strings.Contains(got, "request") {
		t.Errorf("the reply leads to %q", got)
	}
	r.click(9, 0)
	r.press("log.chip.Errors") // hides the request
	r.counts("2 of 11")
	r.press("log.pair")
	if got := r.label("log.notice"); got != "Row 9 is hidden by the filter." {
		t.Fatalf("the notice says %q", got)
	}
	r.press("log.undo") // "Clear filter"
	r.until("request", func() bool { return strings.Contains(r.label("log.heading"), "request") })
}

func TestMarksAndNotes(t *testing.T) {
	r := newFilled(t)
	r.click(3, 0)
	r.click(4, fyne.KeyModifierShift)
	r.window.Canvas().Focus(r.list())
	r.typed("2")
	r.filter("mark:amber")
	r.counts("2 of 11")
	r.filter("")
	r.counts("11 rows")
	r.click(5, 0)
	r.window.Canvas().Focus(r.list())
	r.typed("a")
	entry := r.window.Canvas().Focused().(*widgets.Entry)
	entry.SetText("look here")
	entry.OnSubmitted(entry.Text)
	if got := r.detail().Text(); !strings.Contains(got, "✎ look here") {
		t.Errorf("the detail shows %q", got)
	}
	r.filter("note~here")
	r.counts("1 of 11")
}

func TestCompareTwoRows(t *testing.T) {
	r := newFilled(t)
	r.click(4, 0)
	r.window.Canvas().Focus(r.list())
	r.typed("c")
	if got := r.label("log.notice"); got != "Choose the row to compare row 5 with." {
		t.Fatalf("the notice says %q", got)
	}
	r.press("log.dismiss") // not after all
	r.click(5, 0)
	if r.window.Canvas().Focused() != r.list() {
		t.Fatal("a comparison that was called off has come")
	}
	r.typed("c")
	r.click(4, 0)
	view, ok := r.window.Canvas().Focused().(*widgets.LogView)
	if !ok || view == r.list() {
		t.Fatal("no comparison has come")
	}
	r.until("differences", func() bool { first, _ := view.Selection(); return first != 0 })
	view.Select(1, 5)
	view.TypedShortcut(&fyne.ShortcutCopy{})
	want := "  {\n    \"order\": 4711,\n    \"item\": \"lamp\",\n-   \"status\": \"accepted\"\n+   \"status\": \"new\"\n  }\n"
	if r.copied != want {
		t.Errorf("copied %q, want %q", r.copied, want)
	}
}

func TestCopyingRows(t *testing.T) {
	r := newFilled(t)
	r.click(3, 0)
	r.click(7, fyne.KeyModifierControl)
	r.list().TypedShortcut(&fyne.ShortcutCopy{})
	if got := strings.Count(r.copied, "sender\tout\tdata"); got != 2 {
		t.Errorf("copied %q", r.copied)
	}
}

func TestColumnsAreRemembered(t *testing.T) {
	r := newFilled(t)
	fyne.CurrentApp().Preferences().SetStringList("log.columns", []string{"status"})
	again := newRigOn(t, r.journal)
	again.counts("11 rows")
	again.list().Select(10, 10)
	again.list().OnCopy = nil // the cells
	again.list().Copy()
	if got := fyne.CurrentApp().Clipboard().Content(); !strings.HasPrefix(got, "404\t") {
		t.Errorf("the cells are %q", got)
	}
}

func TestFilterIsRemembered(t *testing.T) {
	r := newFilled(t)
	r.press("log.chip.In")
	r.filter("order")
	r.counts("2 of 11")
	again := newRigOn(t, r.journal)
	again.counts("2 of 11")
	if got := object[*widgets.Entry](again, "log.filter").Text; got != "order" {
		t.Errorf("the filter says %q", got)
	}
	again.filter("")
	again.press("log.chip.All")
	again.counts("11 rows")
}

func TestSavedFilters(t *testing.T) {
	r := newFilled(t)
	r.filter("status:404")
	r.counts("1 of 11")
	r.press("log.saved")
	r.choose("Save this filter…")
	name := r.window.Canvas().Focused().(*widgets.Entry)
	name.SetText("not found")
	name.OnSubmitted(name.Text)
	r.filter("")
	r.counts("11 rows")
	r.press("log.saved")
	r.choose("not found")
	r.counts("1 of 11")
}

func TestEmptyLogOffersToStart(t *testing.T) {
	r := newRig(t, theme.VariantLight, 1000, 320)
	r.press("log.start")
	if r.started != 1 {
		t.Errorf("started %d times", r.started)
	}
	r.fill()
	r.counts("11 rows")
	r.press("log.clear")
	r.counts("no rows")
	if got := r.label("log.empty"); got != "The log was cleared. What happens next appears here." {
		t.Errorf("a cleared log says %q", got)
	}
	if object[*widgets.Button](r, "log.start").Visible() {
		t.Error("a cleared log offers to start")
	}
}

func TestColourRules(t *testing.T) {
	r := newFilled(t)
	fyne.CurrentApp().Preferences().SetStringList("log.rules", []string{"1\tstatus:404", "3\tlamp", "9\tno such colour", "2\tdir:wrong"})
	again := newRigOn(t, r.journal)
	again.counts("11 rows")
	got := ""
	lines := make([]widgets.Line, 11)
	for _, l := range lines[:again.pane.Lines(lines)] {
		got += fmt.Sprint(l.Mark)
	}
	if got != "00033300010" {
		t.Errorf("the rows have the marks %s", got)
	}
}

func TestEveryTabOfALargeMessage(t *testing.T) {
	r := newRig(t, theme.VariantLight, 1000, 320)
	text := `{"all":"` + strings.Repeat("abcdefgh", 400_000) + `"}`
	r.journal.Append(journal.Row{Kind: journal.Data, Direction: journal.In, Type: "text", Payload: []byte(text), Time: start})
	r.counts("1 row")
	r.click(0, 0)
	all := object[*widgets.Button](r, "log.all")
	if all.Text != "Show all 3.1 MiB" || len(r.detail().Text()) > 70_000 {
		t.Fatalf("the button says %q, and %d bytes are shown", all.Text, len(r.detail().Text()))
	}
	r.press("log.all")
	r.until("all", func() bool { return len(r.detail().Text()) > len(text) })
	r.press("log.tab.Hex")
	r.until("hex", func() bool { return strings.HasPrefix(r.detail().Text(), "00000000  7b 22 61") })
	r.press("log.copy")
	if !strings.HasPrefix(r.copied, "00000000  7b") {
		t.Errorf("copied %.40q", r.copied)
	}
}

// newRigOn is a second pane on the same journal.
func newRigOn(t *testing.T, j *journal.Journal) *rig {
	t.Helper()
	r := &rig{t: t, journal: j, queue: make(chan func(), 10_000)}
	r.pane = messagelog.New(messagelog.Options{OnMain: func(f func()) { r.queue <- f }, Copy: func(text string) { r.copied = text }})
	r.window = test.NewTempWindow(t, r.pane.Content())
	r.window.Resize(fyne.NewSize(1000, 320))
	t.Cleanup(r.pane.Close)
	r.pane.Show(j, messagelog.About{Name: "orders"})
	r.window.Canvas().Capture()
	return r
}

func (r *rig) selection() uint64 {
	first, _ := r.list().Selection()
	return first
}

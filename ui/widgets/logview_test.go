package widgets_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"relayscope/ui/widgets"
)

// What the default theme makes of a header and a row at scale 1, and how many
// rows fit into the window of newView. The pictures show the same.
const (
	headerHeight = 27
	rowHeight    = 21
	visible      = 10
	viewWidth    = 600
)

// at is the middle of the i-th row on screen, from 0.
func at(i int) fyne.Position {
	return fyne.NewPos(100, float32(headerHeight+i*rowHeight+rowHeight/2))
}

func newView(t *testing.T, source widgets.LogSource) (*widgets.LogView, fyne.Window, queue) {
	t.Helper()
	useTheme(t, theme.VariantLight)
	q := newQueue()
	v := widgets.NewLogView(source, columns, q.do)
	t.Cleanup(v.Close)
	w := show(t, v, viewWidth, headerHeight+visible*rowHeight+5)
	w.Canvas().Capture()
	return v, w, q
}

// topRow finds out which row is first on screen by clicking it.
func topRow(v *widgets.LogView) uint64 { return rowAt(v, at(0)) }

func rowAt(v *widgets.LogView, pos fyne.Position) uint64 {
	click(v, pos, 0)
	n, _ := v.Selection()
	return n
}

func click(v *widgets.LogView, pos fyne.Position, modifier fyne.KeyModifier) {
	e := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary, Modifier: modifier}
	e.Position = pos
	v.MouseDown(e)
	v.MouseUp(e)
}

func key(v *widgets.LogView, names ...fyne.KeyName) {
	for _, name := range names {
		v.TypedKey(&fyne.KeyEvent{Name: name})
	}
}

func wantSelection(t *testing.T, v *widgets.LogView, first, last uint64) {
	t.Helper()
	if f, l := v.Selection(); f != first || l != last {
		t.Errorf("Selection() = %d, %d, want %d, %d", f, l, first, last)
	}
}

func TestClickSelectsTheRowUnderThePointer(t *testing.T) {
	source := newRows(1000, 50)
	v, _, _ := newView(t, source)
	for i := range visible {
		click(v, at(i), 0)
		wantSelection(t, v, uint64(41+i), uint64(41+i))
	}
	click(v, at(2), 0)
	click(v, at(6), fyne.KeyModifierShift)
	wantSelection(t, v, 43, 47)
	click(v, at(0), fyne.KeyModifierShift) // the other side of the same anchor
	wantSelection(t, v, 41, 43)
	click(v, fyne.NewPos(100, headerHeight/2), 0) // the header is no row
	wantSelection(t, v, 41, 43)
}

func TestClickBelowTheLastRowSelectsNothing(t *testing.T) {
	v, _, _ := newView(t, newRows(10, 3))
	click(v, at(5), 0)
	wantSelection(t, v, 0, 0)
	click(v, at(2), 0)
	wantSelection(t, v, 3, 3)
}

func TestClickIsRightAtAnotherScale(t *testing.T) {
	v, w, _ := newView(t, newRows(10, 10))
	w.Canvas().(interface{ SetScale(float32) }).SetScale(2)
	w.Canvas().Capture()
	// Twice the pixels at the same size: rows stay where they were, to within
	// what rounding to pixels adds up to.
	click(v, at(4), 0)
	wantSelection(t, v, 5, 5)
}

func TestRefreshBeforeTheFirstLayout(t *testing.T) {
	test.NewTempApp(t)
	v := widgets.NewLogView(newRows(10, 3), nil, func(func()) {})
	t.Cleanup(v.Close)
	v.Refresh() // as a split does while it is being built
	if f, l := v.Selection(); f != 0 || l != 0 {
		t.Errorf("Selection() = %d, %d", f, l)
	}
}

func TestScrollingUpStopsFollowing(t *testing.T) {
	source := newRows(1000, 100)
	v, w, _ := newView(t, source)
	var told []bool
	v.OnFollow = func(follow bool) { told = append(told, follow) }
	source.add(5)
	v.Refresh()
	if got := topRow(v); got != 96 {
		t.Fatalf("following: first row on screen = %d, want 96", got)
	}
	test.Scroll(w.Canvas(), at(3), 0, 25)
	if v.Following() {
		t.Fatal("still following after scrolling up")
	}
	before := topRow(v)
	source.add(500)
	v.Refresh()
	if got := topRow(v); got != before {
		t.Errorf("first row on screen = %d after new rows, want %d still", got, before)
	}
	test.Scroll(w.Canvas(), at(3), 0, -1e6)
	if !v.Following() {
		t.Error("not following at the end again")
	}
	if fmt.Sprint(told) != "[false true]" {
		t.Errorf("OnFollow was told %v, want [false true]", told)
	}
}

func TestViewStaysPutWhileOldRowsDrop(t *testing.T) {
	source := newRows(100, 100)
	v, _, _ := newView(t, source)
	v.ScrollTo(50)
	source.add(40) // drops 1 to 40
	v.Refresh()
	if got := topRow(v); got != 50 {
		t.Errorf("first row on screen = %d, want 50", got)
	}
	source.add(30) // drops 50 as well: the oldest left takes its place
	v.Refresh()
	if got := rowAt(v, at(1)); got != 71 { // below the line about dropped rows
		t.Errorf("row below the gap = %d, want 71", got)
	}
}

func TestSelectionStaysWithItsRow(t *testing.T) {
	source := newRows(100, 100)
	v, _, _ := newView(t, source)
	click(v, at(3), 0)
	wantSelection(t, v, 94, 94)
	var told [][2]uint64
	v.OnSelect = func(first, last uint64) { told = append(told, [2]uint64{first, last}) }
	source.add(60)
	v.Refresh()
	wantSelection(t, v, 94, 94)
	source.add(100) // drops it
	v.Refresh()
	wantSelection(t, v, 0, 0)
	if len(told) != 1 || told[0] != [2]uint64{} {
		t.Errorf("OnSelect was told %v, want only that nothing is selected", told)
	}
}

func TestRowsHoldStillWhileTheButtonIsDown(t *testing.T) {
	source := newRows(1000, 100)
	v, _, _ := newView(t, source)
	e := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
	e.Position = at(2)
	v.MouseDown(e)
	source.add(50)
	v.Refresh()
	v.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: at(5)}})
	wantSelection(t, v, 93, 96)
	v.DragEnd()
	v.MouseUp(e)
}

func TestDraggingPastTheEdgeScrolls(t *testing.T) {
	v, _, _ := newView(t, newRows(1000, 100))
	v.ScrollTo(20)
	e := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
	e.Position = at(4)
	v.MouseDown(e)
	for range 6 {
		v.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(50, -40)}})
	}
	v.DragEnd()
	wantSelection(t, v, 14, 24)
	if got := topRow(v); got != 14 {
		t.Errorf("first row on screen = %d, want 14", got)
	}
}

func TestKeyboard(t *testing.T) {
	source := newRows(1000, 100)
	v, _, _ := newView(t, source)
	opened := uint64(0)
	v.OnOpen = func(n uint64) { opened = n }

	key(v, fyne.KeyUp) // begins at the last row on screen
	wantSelection(t, v, 100, 100)
	key(v, fyne.KeyUp)
	wantSelection(t, v, 99, 99)
	if v.Following() {
		t.Error("still following after moving up")
	}
	key(v, fyne.KeyPageUp)
	wantSelection(t, v, 90, 90)
	key(v, fyne.KeyReturn)
	if opened != 90 {
		t.Errorf("Enter opened row %d, want 90", opened)
	}
	v.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	key(v, fyne.KeyDown, fyne.KeyDown)
	v.KeyUp(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	wantSelection(t, v, 90, 92)
	key(v, fyne.KeyHome)
	wantSelection(t, v, 1, 1)
	key(v, fyne.KeyUp)
	wantSelection(t, v, 1, 1)
	if got := topRow(v); got != 1 {
		t.Errorf("Home: first row on screen = %d, want 1", got)
	}
	key(v, fyne.KeyPageDown)
	wantSelection(t, v, 10, 10)
	key(v, fyne.KeyEnd)
	wantSelection(t, v, 100, 100)
	if !v.Following() {
		t.Error("End does not follow")
	}
}

func TestPillLeadsToTheNewest(t *testing.T) {
	source := newRows(1000, 100)
	v, _, _ := newView(t, source)
	v.ScrollTo(10)
	source.add(7)
	v.Refresh()
	pill := fyne.NewPos((viewWidth-12)/2, headerHeight+visible*rowHeight+5-20)
	click(v, pill, 0)
	if !v.Following() {
		t.Error("not following after a click on the pill")
	}
	wantSelection(t, v, 0, 0)
	click(v, pill, 0) // no pill any more: the click is for the row below
	if first, _ := v.Selection(); first == 0 {
		t.Error("the pill takes clicks while following")
	}
}

func TestScrollBar(t *testing.T) {
	source := newRows(100_000, 100_000)
	v, _, _ := newView(t, source)
	x := float32(viewWidth - 6)
	bottom := float32(headerHeight + visible*rowHeight)
	press := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
	press.Position = fyne.NewPos(x, bottom-5) // the thumb is at the end
	v.MouseDown(press)
	v.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, -500)}})
	v.DragEnd()
	v.MouseUp(press)
	if got := topRow(v); got != 1 || v.Following() {
		t.Errorf("thumb at the top: first row = %d, following %t; want 1, false", got, v.Following())
	}
	click(v, fyne.NewPos(x, bottom-5), 0) // the track below the thumb: a page
	if got := topRow(v); got != 1+visible {
		t.Errorf("click on the track: first row = %d, want %d", got, 1+visible)
	}
	press.Position = fyne.NewPos(x, headerHeight+5)
	v.MouseDown(press)
	v.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, bottom+500)}})
	v.DragEnd()
	if !v.Following() {
		t.Error("thumb at the bottom: not following")
	}
	click(v, at(visible-1), 0)
	wantSelection(t, v, 100_000, 100_000)
}

func TestCopy(t *testing.T) {
	v, _, _ := newView(t, newRows(1000, 700))
	v.Select(2, 3)
	v.TypedShortcut(&fyne.ShortcutCopy{})
	want := "10:02:11.002\t←\t#3\ttext\t42\t{\"row\":2}\n10:02:11.003\t←\t#3\ttext\t42\t{\"row\":3}\n"
	if got := fyne.CurrentApp().Clipboard().Content(); got != want {
		t.Errorf("clipboard = %q, want %q", got, want)
	}
	v.TypedShortcut(&fyne.ShortcutSelectAll{})
	wantSelection(t, v, 1, 700)
	v.Copy()
	if got := strings.Count(fyne.CurrentApp().Clipboard().Content(), "\n"); got != 700 {
		t.Errorf("%d lines copied, want 700", got)
	}
	var asked [2]uint64
	v.OnCopy = func(first, last uint64) { asked = [2]uint64{first, last} }
	v.Copy()
	if asked != [2]uint64{1, 700} {
		t.Errorf("OnCopy got %v, want [1 700]", asked)
	}
}

func TestMenuIsAboutTheRowUnderThePointer(t *testing.T) {
	v, _, _ := newView(t, newRows(100, 10))
	var menus []fyne.Position
	v.OnMenu = func(pos fyne.Position) { menus = append(menus, pos) }
	v.Select(2, 4)
	secondary := func(i int) {
		v.TappedSecondary(&fyne.PointEvent{Position: at(i), AbsolutePosition: at(i)})
	}
	secondary(2) // inside the selection: it stays
	wantSelection(t, v, 2, 4)
	secondary(7)
	wantSelection(t, v, 8, 8)
	key(v, desktop.KeyMenu)
	if len(menus) != 3 || menus[0] != at(2) {
		t.Errorf("menus at %v, want three, the first at %v", menus, at(2))
	}
}

func TestClearedSourceFollowsAgain(t *testing.T) {
	source := newRows(1000, 100)
	v, _, _ := newView(t, source)
	v.ScrollTo(1)
	source.mu.Lock()
	source.first, source.lines = 101, nil
	source.mu.Unlock()
	v.Refresh()
	source.add(50)
	v.Refresh()
	if !v.Following() {
		t.Error("not following after the rows were cleared")
	}
}

// Run with the race detector: producers append while the view draws.
func TestConcurrentAppends(t *testing.T) {
	source := newRows(500, 0)
	v, w, q := newView(t, source)
	var producers sync.WaitGroup
	for range 4 {
		producers.Go(func() {
			for range 500 {
				source.add(1)
				v.Changed()
			}
		})
	}
	done := make(chan struct{})
	go func() { producers.Wait(); close(done) }()
	for running := true; running; {
		select {
		case f := <-q:
			f()
			w.Canvas().Capture()
		case <-done:
			running = false
		}
	}
	v.Changed()
	(<-q)() // a change is always followed by a run
	click(v, at(visible-1), 0)
	wantSelection(t, v, 2000, 2000)
}

package journal_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"relayscope/relayclient/journal"
)

func parse(t testing.TB, text string) journal.Query {
	t.Helper()
	q, err := journal.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// A watch tells when something has changed.
type watch struct {
	changed chan struct{}
	stop    func()
}

func watchOver(s interface{ Watch(func()) func() }) watch {
	w := watch{changed: make(chan struct{}, 1)}
	w.stop = s.Watch(func() {
		select {
		case w.changed <- struct{}{}:
		default:
		}
	})
	return w
}

// until waits for something to be true.
func (w watch) until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for !ok() {
		select {
		case <-w.changed:
		case <-t.Context().Done():
			t.Fatalf("never %s", what)
		}
	}
}

// A watched view tells when it has changed.
type watched struct {
	*journal.View
	watch
}

func newView(s journal.Source, q journal.Query) watched {
	v := journal.NewView(s, q)
	return watched{v, watchOver(v)}
}

func (w watched) close() {
	w.stop()
	w.Close()
}

func view(t testing.TB, s journal.Source, query string) watched {
	w := newView(s, parse(t, query))
	t.Cleanup(w.close)
	return w
}

func (w watched) done(t testing.TB) {
	t.Helper()
	w.until(t, "done", func() bool { return w.Counts().Done })
}

// numbers returns the numbers of the rows at all positions.
func (w watched) numbers() []uint64 {
	numbers := []uint64{}
	first, last := w.Bounds()
	for position := first; position <= last; position++ {
		if number, ok := w.Number(position); ok {
			numbers = append(numbers, number)
		}
	}
	return numbers
}

func (w watched) want(t testing.TB, want ...uint64) {
	t.Helper()
	w.done(t)
	if got := w.numbers(); !slices.Equal(got, want) {
		t.Errorf("rows %v, want %v", got, want)
	}
	first, _ := w.Bounds()
	for i, number := range want {
		if at, shown := w.Position(number); !shown || at != first+uint64(i) {
			t.Errorf("row %d is at %d, %t, want %d", number, at, shown, first+uint64(i))
		}
	}
}

func TestViewShowsWhatTheQueryChooses(t *testing.T) {
	j := journal.New(0, 0)
	for n := range 5_000 {
		j.Append(text(fmt.Sprintf("message %d", n+1)))
	}
	v := view(t, j, `/ \d+77$/`)
	want := []uint64{}
	for n := uint64(177); n <= 4_977; n += 100 {
		want = append(want, n)
	}
	v.want(t, want...)
	if got, want := v.Counts(), (journal.Counts{Shown: 49, Total: 5_000, Done: true}); got != want {
		t.Errorf("Counts = %+v, want %+v", got, want)
	}
	first, _ := v.Bounds()
	rows := make([]journal.Row, 3)
	at, n := v.Copy(first+47, rows)
	if at != first+47 || n != 2 || rows[0].Number != 4_877 || string(rows[1].Payload) != "message 4977" {
		t.Errorf("Copy = %d from %d: %v", n, at, rows)
	}
	if at, n := v.Copy(0, rows); at != first || n != 3 || rows[0].Number != 177 {
		t.Errorf("Copy(0) = %d from %d, row %d", n, at, rows[0].Number)
	}
	for from, want := range map[uint64][2]uint64{177: {0, 277}, 1: {0, 177}, 278: {277, 377}, 4_977: {4_877, 0}, 5_000: {4_977, 0}} {
		previous, _ := v.Previous(from)
		next, _ := v.Next(from)
		if previous != want[0] || next != want[1] {
			t.Errorf("around %d are %d and %d, want %v", from, previous, next, want)
		}
	}

	for _, s := range []string{"message 77", "message 5077", "message"} {
		j.Append(text(s))
	}
	v.until(t, "grown", func() bool { return v.Counts().Shown == 50 })
	if at, _ := v.Position(4_977); at != first+48 {
		t.Errorf("row 4977 is at %d, was at %d", at, first+48)
	}
	v.want(t, append(want, 5_002)...)
}

func TestViewWithoutAQueryHasTheNumbersAsPositions(t *testing.T) {
	j := journal.New(3, 0)
	v := view(t, j, "")
	if first, last := v.Bounds(); first != 1 || last != 0 {
		t.Errorf("Bounds = %d, %d", first, last)
	}
	for range 5 {
		j.Append(text("x"))
	}
	v.want(t, 3, 4, 5)
	rows := make([]journal.Row, 9)
	if at, n := v.Copy(1, rows); at != 3 || n != 3 || rows[2].Number != 5 {
		t.Errorf("Copy = %d from %d", n, at)
	}
	if next, ok := v.Next(5); ok {
		t.Errorf("after the last row is %d", next)
	}
	if got, want := v.Counts(), (journal.Counts{Shown: 3, Total: 3, Done: true}); got != want {
		t.Errorf("Counts = %+v, want %+v", got, want)
	}
}

func TestViewSurvivesDropsAndClear(t *testing.T) {
	j := journal.New(4, 0)
	v := view(t, j, "y")
	for _, s := range []string{"y", "n", "y", "y", "n"} {
		j.Append(text(s))
	}
	v.want(t, 3, 4)
	at, _ := v.Position(4)
	undo := j.Clear()
	v.want(t)
	if now, shown := v.Position(4); shown {
		t.Errorf("row 4 is at %d", now)
	}
	j.Append(text("y"))
	v.want(t, 6)
	undo()
	v.want(t, 3, 4, 6)
	if now, _ := v.Position(4); now != at {
		t.Errorf("row 4 is at %d, was at %d", now, at)
	}
}

func TestViewFollowsMarksAndNotes(t *testing.T) {
	j := journal.New(0, 0)
	for range 6 {
		j.Append(text("x"))
	}
	j.SetMark(2, journal.Red)
	v := view(t, j, "mark:red or note:later or -mark:none")
	v.want(t, 2)
	j.SetMark(5, journal.Blue)
	j.SetNote(1, "for later")
	j.SetMark(3, journal.Green)
	v.until(t, "four", func() bool { return v.Counts().Shown == 4 })
	v.want(t, 1, 2, 3, 5)
	j.SetMark(3, journal.NoMark)
	j.SetNote(1, "")
	j.SetMark(5, journal.NoMark)
	v.until(t, "one", func() bool { return v.Counts().Shown == 1 })
	v.want(t, 2)
	if v.Counts().Moves != 6 {
		t.Errorf("Moves = %d, want 6", v.Counts().Moves)
	}
	if j.SetMark(7, journal.Red) || j.SetNote(0, "x") {
		t.Error("a row that is not held was annotated")
	}
}

// look returns the numbers of the rows that q chooses, without a view.
func look(j *journal.Journal, q journal.Query) []uint64 {
	numbers := []uint64{}
	first, last := j.Bounds()
	for row := range j.Range(first, last) {
		if q.Match(&row) {
			numbers = append(numbers, row.Number)
		}
	}
	return numbers
}

// Whatever happens in whatever order, the view ends with what a look at every
// row finds.
func TestViewAgreesWithALookAtEveryRow(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		j := journal.New(3_000, 0)
		for range r.IntN(4_000) {
			j.Append(text(fmt.Sprint(r.IntN(5))))
		}
		v := view(t, j, "3 or mark:red")
		undo := func() bool { return false }
		for range 300 {
			switch r.IntN(12) {
			case 0:
				undo = j.Clear()
			case 1, 2:
				undo()
			case 3:
				j.SetMark(r.Uint64N(8_000), journal.Red)
			case 4:
				j.SetMark(r.Uint64N(8_000), journal.NoMark)
			case 5:
				v.numbers()
			default:
				for range r.IntN(40) {
					j.Append(text(fmt.Sprint(r.IntN(5))))
				}
			}
		}
		want := look(j, v.Query())
		v.until(t, "agreeing", func() bool { return v.Counts().Done && slices.Equal(v.numbers(), want) })
	}
}

func TestViewIsSafeForConcurrentUse(t *testing.T) {
	j := journal.New(2_000, 0)
	v := view(t, j, "3")
	var producers, readers sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	for range 2 {
		producers.Go(func() {
			for n := range 5_000 {
				j.Append(text(fmt.Sprint(n % 5)))
			}
		})
	}
	for range 2 {
		readers.Go(func() {
			rows := make([]journal.Row, 20)
			for ctx.Err() == nil {
				first, last := v.Bounds()
				at, n := v.Copy(max(first, last-min(last, 20)), rows)
				for i, r := range rows[:n] {
					if string(r.Payload) != "3" || i > 0 && r.Number <= rows[i-1].Number {
						t.Errorf("position %d: row %d, %s", at+uint64(i), r.Number, r.Payload)
					}
				}
				v.Counts()
			}
		})
	}
	producers.Wait()
	cancel()
	readers.Wait()
	v.want(t, look(j, v.Query())...)
}

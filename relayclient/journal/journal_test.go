package journal_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"relayscope/relayclient/journal"
)

func text(s string) journal.Row {
	return journal.Row{Kind: journal.Data, Payload: []byte(s), Size: int64(len(s))}
}

func wantBounds(t *testing.T, j *journal.Journal, first, last uint64) {
	t.Helper()
	if f, l := j.Bounds(); f != first || l != last {
		t.Errorf("Bounds() = %d, %d, want %d, %d", f, l, first, last)
	}
}

func TestEmpty(t *testing.T) {
	j := journal.New(0, 0)
	wantBounds(t, j, 1, 0)
	if _, ok := j.Row(1); ok {
		t.Error("Row(1) found a row in an empty journal")
	}
	if n := j.Copy(1, make([]journal.Row, 4)); n != 0 {
		t.Errorf("Copy = %d rows, want 0", n)
	}
}

func TestOldRowsMakeRoomByCount(t *testing.T) {
	for _, maxRows := range []int{1, 3, 1023, 1024, 1025, 2500} {
		t.Run(fmt.Sprint(maxRows), func(t *testing.T) {
			j := journal.New(maxRows, 0)
			total := uint64(3*maxRows + 7)
			for n := uint64(1); n <= total; n++ {
				if got := j.Append(text(fmt.Sprint(n))); got != n {
					t.Fatalf("Append = %d, want %d", got, n)
				}
			}
			first := total - uint64(maxRows) + 1
			wantBounds(t, j, first, total)
			n := first
			for r := range j.Range(0, total) {
				if r.Number != n || string(r.Payload) != fmt.Sprint(n) {
					t.Fatalf("row %d = number %d, payload %q", n, r.Number, r.Payload)
				}
				n++
			}
			if n != total+1 {
				t.Errorf("Range ended before row %d, want %d", n, total+1)
			}
			if _, ok := j.Row(first - 1); ok {
				t.Errorf("Row(%d) is still there", first-1)
			}
			if rows, _ := j.Dropped(); rows != first-1 {
				t.Errorf("Dropped() = %d rows, want %d", rows, first-1)
			}
		})
	}
}

func TestOldRowsMakeRoomByBytes(t *testing.T) {
	j := journal.New(100, 10)
	for range 4 {
		j.Append(text("four"))
	}
	wantBounds(t, j, 3, 4)
	if rows, bytes := j.Dropped(); rows != 2 || bytes != 8 {
		t.Errorf("Dropped() = %d, %d, want 2, 8", rows, bytes)
	}
	if got := j.Held(); got != 8 {
		t.Errorf("Held() = %d, want 8", got)
	}
	j.Append(journal.Row{Text: "seven c"}) // texts count as well
	wantBounds(t, j, 5, 5)
}

func TestPayloadLargerThanTheJournalIsShortened(t *testing.T) {
	j := journal.New(100, 10)
	j.Append(text("old"))
	n := j.Append(journal.Row{Type: "text", Payload: []byte("0123456789abcdef"), Size: 16})
	r, ok := j.Row(n)
	if !ok || string(r.Payload) != "012345" || r.Size != 16 || !r.Truncated {
		t.Errorf("Row = %q, size %d, truncated %t, found %t; want the first 6 bytes of 16", r.Payload, r.Size, r.Truncated, ok)
	}
	wantBounds(t, j, 2, 2)
	j.Append(text("x"))
	if got := j.Held(); got > 10 {
		t.Errorf("Held() = %d, want at most 10", got)
	}
}

func TestSizeAndTruncatedAgree(t *testing.T) {
	j := journal.New(0, 0)
	a, _ := j.Row(j.Append(journal.Row{Payload: []byte("abc")}))
	b, _ := j.Row(j.Append(journal.Row{Payload: []byte("abc"), Size: 70_000}))
	if a.Size != 3 || a.Truncated {
		t.Errorf("whole payload: size %d, truncated %t, want 3, false", a.Size, a.Truncated)
	}
	if b.Size != 70_000 || !b.Truncated {
		t.Errorf("partial payload: size %d, truncated %t, want 70000, true", b.Size, b.Truncated)
	}
}

func TestClearKeepsNumbersGoingUp(t *testing.T) {
	j := journal.New(2, 0)
	for range 3 {
		j.Append(text("x"))
	}
	j.Clear()
	wantBounds(t, j, 4, 3)
	if rows, bytes := j.Dropped(); rows != 0 || bytes != 0 {
		t.Errorf("Dropped() after Clear = %d, %d, want 0, 0", rows, bytes)
	}
	if n := j.Append(text("y")); n != 4 {
		t.Errorf("Append after Clear = %d, want 4", n)
	}
	wantBounds(t, j, 4, 4)
	if got := j.Held(); got != 2 { // row 3 may come back
		t.Errorf("Held() = %d, want 2", got)
	}
}

func TestCopyBeginsAtTheOldestRowHeld(t *testing.T) {
	j := journal.New(3, 0)
	for n := range 10 {
		j.Append(text(fmt.Sprint(n + 1)))
	}
	dst := make([]journal.Row, 2)
	if n := j.Copy(1, dst); n != 2 || dst[0].Number != 8 || dst[1].Number != 9 {
		t.Errorf("Copy(1) = %d rows, %d and %d; want rows 8 and 9", n, dst[0].Number, dst[1].Number)
	}
	if n := j.Copy(10, dst); n != 1 || dst[0].Number != 10 {
		t.Errorf("Copy(10) = %d rows from %d, want row 10 alone", n, dst[0].Number)
	}
	if n := j.Copy(11, dst); n != 0 {
		t.Errorf("Copy(11) = %d rows, want 0", n)
	}
}

func TestRangeStops(t *testing.T) {
	j := journal.New(0, 0)
	for range 600 {
		j.Append(text("x"))
	}
	var got []uint64
	for r := range j.Range(299, 302) {
		got = append(got, r.Number)
	}
	if want := []uint64{299, 300, 301, 302}; !slices.Equal(got, want) {
		t.Errorf("Range(299, 302) = %v, want %v", got, want)
	}
	for range j.Range(1, 600) {
		break
	}
}

func TestWatcherMayReadTheJournal(t *testing.T) {
	j := journal.New(0, 0)
	var seen []uint64
	stop := j.Watch(func() {
		_, last := j.Bounds() // would hang if called under the lock
		seen = append(seen, last)
	})
	j.Append(text("a"))
	j.Append(text("b"))
	j.Clear()
	stop()
	j.Append(text("c"))
	if want := []uint64{1, 2, 2}; !slices.Equal(seen, want) {
		t.Errorf("watcher saw last = %v, want %v", seen, want)
	}
}

func TestConcurrentProducersAndReaders(t *testing.T) {
	const producers, each = 4, 2000
	j := journal.New(500, 4<<10)
	var calls atomic.Int64
	j.Watch(func() { calls.Add(1) })
	var wg sync.WaitGroup
	done := make(chan struct{})
	for range producers {
		wg.Go(func() {
			for n := range each {
				j.Append(text(fmt.Sprint(n)))
			}
		})
	}
	var reader sync.WaitGroup
	reader.Go(func() {
		dst := make([]journal.Row, 50)
		for {
			first, _ := j.Bounds()
			n := j.Copy(first, dst)
			for i := 1; i < n; i++ {
				if dst[i].Number != dst[i-1].Number+1 {
					t.Errorf("rows %d and %d are neighbours", dst[i-1].Number, dst[i].Number)
				}
			}
			select {
			case <-done:
				return
			default:
			}
		}
	})
	wg.Wait()
	close(done)
	reader.Wait()
	_, last := j.Bounds()
	if last != producers*each || calls.Load() != producers*each {
		t.Errorf("last = %d, watcher calls = %d, want %d of each", last, calls.Load(), producers*each)
	}
	if got := j.Held(); got > 4<<10 {
		t.Errorf("Held() = %d, want at most %d", got, 4<<10)
	}
}

package journal_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"relayscope/relayclient/journal"
)

func TestClearCanBeUndone(t *testing.T) {
	j := journal.New(5, 0)
	for n := range 7 {
		j.Append(text(fmt.Sprint(n + 1)))
	}
	undo := j.Clear()
	wantBounds(t, j, 8, 7)
	if _, ok := j.Row(7); ok {
		t.Error("Row(7) is still in sight")
	}
	j.Append(text("8"))
	wantBounds(t, j, 8, 8)
	if !undo() {
		t.Error("undo reports that it did nothing")
	}
	wantBounds(t, j, 4, 8) // row 3 made room for row 8
	if rows, _ := j.Dropped(); rows != 3 {
		t.Errorf("Dropped() = %d rows, want 3", rows)
	}
	for r := range j.Range(1, 9) {
		if string(r.Payload) != fmt.Sprint(r.Number) {
			t.Errorf("row %d holds %q", r.Number, r.Payload)
		}
	}
	if undo() {
		t.Error("undo worked twice")
	}
}

func TestUndoBringsBackTheLastClearOnly(t *testing.T) {
	j := journal.New(0, 0)
	j.Append(text("a"))
	first := j.Clear()
	again := j.Clear() // of nothing: still the same Clear
	j.Append(text("b"))
	second := j.Clear()
	if first() || again() {
		t.Error("an earlier Clear was undone")
	}
	if !second() {
		t.Error("the last Clear was not undone")
	}
	wantBounds(t, j, 2, 2)
}

func TestClearIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := journal.New(10_000, 0)
		for range 5_000 {
			j.Append(text("x"))
		}
		undo := j.Clear()
		j.Append(text("y"))
		time.Sleep(journal.UndoFor)
		synctest.Wait()
		if got := j.Held(); got != 1 {
			t.Errorf("Held() = %d, want 1", got)
		}
		if undo() {
			t.Error("undo worked after its time")
		}
		wantBounds(t, j, 5_001, 5_001)
	})
}

func TestBoundsChangeWhileRowsAreHeld(t *testing.T) {
	j := journal.New(10, 0)
	for n := range 9_000 {
		j.Append(text(fmt.Sprint(n + 1)))
		if n == 100 {
			j.SetBounds(8_000, 0)
		}
	}
	wantBounds(t, j, 1_001, 9_000)
	for _, bounds := range []struct {
		rows  int
		bytes int64
		first uint64
	}{{3_000, 0, 6_001}, {9_000, 0, 6_001}, {9_000, 40, 8_991}, {1, 0, 9_000}} {
		j.SetBounds(bounds.rows, bounds.bytes)
		wantBounds(t, j, bounds.first, 9_000)
		next := bounds.first
		for r := range j.Range(0, 9_000) {
			if r.Number != next || string(r.Payload) != fmt.Sprint(next) {
				t.Fatalf("with %v: row %d is number %d, %q", bounds, next, r.Number, r.Payload)
			}
			next++
		}
	}
	if rows, bytes := j.Limits(); rows != 1 || bytes != journal.DefaultBytes {
		t.Errorf("Limits() = %d, %d", rows, bytes)
	}
}

package widgets

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestManyChangesAreFewRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var runs []time.Duration
		start := time.Now()
		queue := make(chan func(), 10)
		c := NewCoalescer(func(f func()) { queue <- f }, func() { runs = append(runs, time.Since(start)) })
		stop := time.After(time.Second)
		producer := time.NewTicker(100 * time.Microsecond) // 10,000 a second
		defer producer.Stop()
		for running := true; running; {
			select {
			case <-producer.C:
				c.Notify()
			case f := <-queue:
				f()
			case <-stop:
				running = false
			}
		}
		if len(runs) < 25 || len(runs) > 31 {
			t.Errorf("%d runs in a second, want about 30", len(runs))
		}
		if runs[0] > time.Millisecond {
			t.Errorf("the first run came after %v, want at once", runs[0])
		}
		for i := 1; i < len(runs); i++ {
			if gap := runs[i] - runs[i-1]; gap < refreshEvery {
				t.Fatalf("runs %d and %d are %v apart, want at least %v", i-1, i, gap, refreshEvery)
			}
		}
		c.Close()
	})
}

func TestLastChangeIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		value, shown := 0, 0
		c := NewCoalescer(func(f func()) { f() }, func() { shown = value })
		for value = 1; value <= 3; value++ {
			c.Notify()
		}
		value = 4
		c.Notify()
		<-time.After(refreshEvery)
		synctest.Wait()
		if shown != 4 {
			t.Errorf("shown = %d, want the last value 4", shown)
		}
	})
}

func TestBusyWindowGetsOneRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var queue []func()
		c := NewCoalescer(func(f func()) { queue = append(queue, f) }, func() {})
		for range 100 {
			c.Notify()
			<-time.After(refreshEvery)
		}
		if len(queue) != 1 {
			t.Errorf("%d functions wait for a busy window, want 1", len(queue))
		}
	})
}

func TestNothingRunsAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runs := 0
		c := NewCoalescer(func(f func()) { f() }, func() { runs++ })
		c.Notify()
		c.Notify() // starts the timer
		c.Close()
		c.Close()
		c.Notify()
		<-time.After(time.Second)
		synctest.Wait()
		if runs != 1 {
			t.Errorf("%d runs, want only the one before close", runs)
		}
	})
}

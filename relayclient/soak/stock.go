package main

import (
	"bytes"
	"os"
	"runtime"
	"sync"
	"time"
)

// heapGrowth is how much more memory there may be at the end than at the
// start, in bytes: tables and buffers that Go and the libraries keep for good,
// about 4 MiB, and as much again for what they keep by chance.
const heapGrowth = 8 << 20

// A stock is what the process holds at one time.
type stock struct {
	heap       uint64 // bytes that are in use after a collection
	goroutines int
	files      int // -1 where they cannot be counted
}

func takeStock() stock {
	blocks() // which stay, as do the files that the runtime waits for pipes and sockets with
	if r, w, err := os.Pipe(); err == nil {
		r.Close()
		w.Close()
	}
	runtime.GC()
	runtime.GC() // the first leaves the pools' contents for one more round
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return stock{m.HeapAlloc, runtime.NumGoroutine(), openFiles()}
}

// openFiles counts the process's file descriptors, but for the one it takes.
func openFiles() int {
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return -1
	}
	return len(list) - 1
}

// awaitSame takes stock until it is as before, for so long at most: what has
// been told to end may take a moment for it.
func (before stock) awaitSame(atMost time.Duration) stock {
	deadline := time.NewTimer(atMost)
	defer deadline.Stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		after := takeStock()
		if after.goroutines <= before.goroutines && after.files <= before.files && after.heap <= before.heap+heapGrowth {
			return after
		}
		select {
		case <-deadline.C:
			return after
		case <-tick.C:
		}
	}
}

// compare finds what has not come back.
func (before stock) compare(after stock, f *findings) {
	if after.goroutines > before.goroutines {
		f.add("%d goroutines were there before, %d are after:\n%s", before.goroutines, after.goroutines, stacks())
	}
	if after.files > before.files {
		f.add("%d files were open before, %d are after", before.files, after.files)
	}
	if after.heap > before.heap+heapGrowth {
		f.add("%d KiB of memory were in use before, %d are after", before.heap>>10, after.heap>>10)
	}
}

// stacks returns where all goroutines but this one are.
func stacks() []byte {
	buf := make([]byte, 1<<20)
	_, rest, _ := bytes.Cut(buf[:runtime.Stack(buf, true)], []byte("\n\n"))
	return rest
}

// peaks are the highest values of a run.
type peaks struct {
	heap       uint64
	goroutines int
	stall      time.Duration // by how much the machine let a timer wait
}

// tooLate is a delay of a timer that shows that the machine has too much else
// to do for waits of seconds to be kept.
const tooLate = time.Second / 4

// watchPeaks looks ten times a second until stop is called. It calls stalled
// whenever the machine was late for that.
func watchPeaks(stalled func(late time.Duration)) (stop func() peaks) {
	var p peaks
	quit := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		const every = time.Second / 10
		tick := time.NewTicker(every)
		defer tick.Stop()
		for last := time.Now(); ; {
			late := time.Since(last) - every
			last = time.Now()
			if p.stall = max(p.stall, late); late > tooLate {
				stalled(late)
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			p.heap, p.goroutines = max(p.heap, m.HeapAlloc), max(p.goroutines, runtime.NumGoroutine())
			select {
			case <-tick.C:
			case <-quit:
				return
			}
		}
	})
	return func() peaks {
		close(quit)
		watching.Wait()
		return p
	}
}

//go:build linux && !nogui

package main

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"relayscope/relayclient/journal"
	"relayscope/ui/widgets"
)

// measured is what came of watching one view.
type measured struct {
	fps  float64
	cpu  float64         // of one core
	wait []time.Duration // of each event, sorted
	lost uint64          // rows that are not in the recording
}

// latency returns how long the given part of the events waited at most.
func (m *measured) latency(part float64) time.Duration {
	if len(m.wait) == 0 {
		return 0
	}
	return m.wait[min(len(m.wait)-1, int(part*float64(len(m.wait))))]
}

// perFrame is the CPU time that showing the newest rows once takes, without
// what making and recording rows takes anyhow. A view that does not keep up
// shows them less often, which is no saving.
func (m *measured) perFrame(idle measured) time.Duration {
	return time.Duration((m.cpu - idle.cpu) / m.fps * float64(time.Second))
}

// warmUp is how long a view runs before it is watched.
const warmUp = 2 * time.Second

// eventEvery is how often an event is posted to see how long it waits.
const eventEvery = 15 * time.Millisecond

// measure shows one view and appends rows for as long as it is watched. All of
// them are recorded to a file, as they are in the program.
func measure(ctx context.Context, s settings, w fyne.Window, name string) (m measured, err error) {
	settle()
	j := journal.New(0, 0)
	folder, err := os.MkdirTemp("", "benchlog")
	if err != nil {
		return m, err
	}
	defer os.RemoveAll(folder)
	recording, err := j.Record(filepath.Join(folder, "rows.jsonl"))
	if err != nil {
		return m, err
	}
	var frames atomic.Int64
	shown := make(chan subject, 1)
	onMain(func() {
		v := newSubject(name, j)
		if name == subjectNothing { // nothing is drawn, so there is nothing to count
			w.SetContent(v.content)
			shown <- v
			return
		}
		counter := newFrameCounter(&frames)
		counts := widgets.NewCoalescer(onMain, counter.Refresh)
		stop := j.Watch(counts.Notify)
		closeView := v.close
		v.close = func() {
			stop()
			counts.Close()
			closeView()
		}
		w.SetContent(container.NewBorder(nil, counter, nil, nil, v.content))
		shown <- v
	})
	view := <-shown
	appended := make(chan uint64)
	producing, stop := context.WithCancel(ctx)
	go func() { appended <- produce(producing, j, s.rate) }()
	pause(ctx, warmUp)

	before, framesBefore, started := cpuTime(), frames.Load(), time.Now()
	m.wait = probe(ctx, s.time)
	took := time.Since(started)
	m.cpu = float64(cpuTime()-before) / float64(took)
	m.fps = float64(frames.Load()-framesBefore) / took.Seconds()
	slices.Sort(m.wait)

	stop()
	total := <-appended
	if err := recording.Close(); err != nil {
		return m, fmt.Errorf("recording: %w", err)
	}
	m.lost = total - recording.Status().Rows
	closed := make(chan struct{})
	onMain(func() {
		w.SetContent(canvas.NewRectangle(color.Black))
		view.close()
		close(closed)
	})
	<-closed
	return m, ctx.Err()
}

// probe posts events for a time and returns how long each of them waited for
// the goroutine that owns the window, as input does.
func probe(ctx context.Context, d time.Duration) []time.Duration {
	waits := make(chan time.Duration, int(d/eventEvery)+1)
	tick := time.NewTicker(eventEvery)
	defer tick.Stop()
	end := time.After(d)
	posted := 0
	for running := true; running; {
		select {
		case <-tick.C:
			if posted == cap(waits) {
				continue
			}
			posted++
			at := time.Now()
			onMain(func() { waits <- time.Since(at) })
		case <-end:
			running = false
		case <-ctx.Done():
			running = false
		}
	}
	all := make([]time.Duration, 0, posted)
	for range posted {
		all = append(all, <-waits)
	}
	return all
}

// newFrameCounter returns a dot that counts how often the window is drawn.
func newFrameCounter(frames *atomic.Int64) *canvas.Raster {
	dot := image.NewUniform(color.Black)
	r := canvas.NewRaster(func(int, int) image.Image {
		frames.Add(1)
		return dot
	})
	r.SetMinSize(fyne.NewSize(1, 1))
	return r
}

// produce appends rows at a steady rate and returns how many there were.
func produce(ctx context.Context, j *journal.Journal, rate int) uint64 {
	const step = 5 * time.Millisecond
	tick := time.NewTicker(step)
	defer tick.Stop()
	var done uint64
	for started := time.Now(); ; {
		select {
		case <-ctx.Done():
			return done
		case <-tick.C:
			for want := uint64(time.Since(started).Seconds() * float64(rate)); done < want; done++ {
				j.Append(rowNumber(done))
			}
		}
	}
}

// rowNumber is a message such as applications send.
func rowNumber(n uint64) journal.Row {
	direction := journal.In
	lane := journal.Listener
	if n%2 == 1 {
		direction, lane = journal.Out, journal.Sender
	}
	text := fmt.Appendf(nil, `{"order":%d,"customer":"C-%05d","items":[{"sku":"LAMP-%d","quantity":%d}],"status":"accepted","total":%d.%02d}`, n, n%40_000, n%900, n%7+1, n%500, n%100)
	return journal.Row{
		Time: time.Now(), Lane: lane, Direction: direction, Kind: journal.Data,
		Connection: connections[n%uint64(len(connections))], Type: "text", Size: int64(len(text)), Payload: text,
	}
}

var connections = [...]string{"#1", "#2", "#3", "#4"}

// cpuTime is what the program has used so far.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

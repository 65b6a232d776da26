//go:build linux && !nogui

// Command benchlog measures the message log in a real window: it appends rows
// at a steady rate and watches what that costs and how long input waits, for
// the log, and for Fyne's own list and table doing the same work. It says then
// how long filtering a million rows takes.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"relayscope/relayclient/journal"
)

// settings are what is measured, and how.
type settings struct {
	rate   int
	time   time.Duration
	rows   int
	only   string
	report string
}

func main() {
	var s settings
	flag.IntVar(&s.rate, "rate", 10_000, "rows appended in a second")
	flag.DurationVar(&s.time, "time", 20*time.Second, "how long each view is watched")
	flag.IntVar(&s.rows, "rows", 1_000_000, "rows to filter, 0 for none")
	flag.StringVar(&s.only, "only", "", "views to watch, separated by commas: "+strings.Join(subjectNames(), ", "))
	flag.StringVar(&s.report, "report", "", "a file for the report; \"\" for standard output only")
	flag.Parse()
	if err := run(s); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run opens the window, measures, and closes it.
func run(s settings) error {
	out := io.Writer(os.Stdout)
	if s.report != "" {
		file, err := os.Create(s.report)
		if err != nil {
			return err
		}
		defer file.Close()
		out = file
	}
	a := app.NewWithID("net.relayscope.benchlog")
	w := a.NewWindow("Message log")
	w.SetPadded(false)
	w.Resize(fyne.NewSize(1280, 720))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	a.Lifecycle().SetOnStarted(func() {
		go func() {
			done <- measureAll(ctx, s, w, out)
			// What .ci/headless waits for before it ends the program.
			fmt.Println(`{"event":"demo-done"}`)
			if os.Getenv("BENCHLOG_STAY") == "" {
				onMain(a.Quit)
			}
		}()
	})
	w.ShowAndRun()
	cancel()
	return <-done
}

// onMain is the one seam between the background and the widgets.
func onMain(f func()) { fyne.Do(f) }

// measureAll measures every view that was asked for, one after the other.
func measureAll(ctx context.Context, s settings, w fyne.Window, out io.Writer) error {
	fmt.Fprintf(out, "%d rows/s for %v each, %d held, a window of 1280x720, %d CPUs\n\n", s.rate, s.time, journal.DefaultRows, runtime.NumCPU())
	fmt.Fprintf(out, "%-13s %6s %8s %14s %11s %10s %10s %10s\n", "", "fps", "CPU", "CPU per frame", "input: p50", "p99", "max", "rows lost")
	var own, idle measured
	for _, name := range subjectNames() {
		if s.only != "" && name != subjectNothing && !slices.Contains(strings.Split(s.only, ","), name) {
			continue
		}
		m, err := measure(ctx, s, w, name)
		if err != nil {
			return err
		}
		switch name {
		case subjectNothing:
			idle = m
		case subjectLog:
			own = m
		}
		frame := "-"
		if m.fps > 0 {
			frame = short(m.perFrame(idle))
		}
		fmt.Fprintf(out, "%-13s %6.1f %7.1f%% %14s %11s %10s %10s %10d", name, m.fps, m.cpu*100, frame,
			short(m.latency(0.5)), short(m.latency(0.99)), short(m.latency(1)), m.lost)
		if name != subjectNothing && name != subjectLog && own.fps > 0 && m.fps > 0 {
			fmt.Fprintf(out, "   %.1f x the CPU of the log", float64(m.perFrame(idle))/float64(own.perFrame(idle)))
		}
		fmt.Fprintln(out)
	}
	if s.rows > 0 {
		fmt.Fprintln(out)
		return filterMany(ctx, s.rows, out)
	}
	return nil
}

func short(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d)/1e6) }

// settle lets go of what an earlier measurement left behind.
func settle() {
	runtime.GC()
	debug.FreeOSMemory()
}

//go:build linux && !nogui

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"relayscope/relayclient/journal"
)

// firstScreen is how many rows a person sees at once.
const firstScreen = 30

// filterMany says how long it takes to filter many rows, and to open a file
// with them.
func filterMany(ctx context.Context, rows int, out io.Writer) error {
	settle()
	j := journal.New(rows, 4<<30)
	folder, err := os.MkdirTemp("", "benchlog")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "rows.jsonl")
	recording, err := j.Record(path)
	if err != nil {
		return err
	}
	for n := range uint64(rows) {
		j.Append(rowNumber(n))
		if n%10_000 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if err := recording.Close(); err != nil {
		return err
	}
	fmt.Fprintf(out, "Filtering %d rows, %d MB:\n", rows, j.Held()>>20)
	if err := filterAll(ctx, j, out); err != nil {
		return err
	}
	j.Clear()
	j = nil
	settle()

	size := recording.Status().Bytes
	started := time.Now()
	f, err := journal.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	first, all := waitFor(ctx, f, started, func() (uint64, bool) {
		a, b := f.Bounds()
		return b + 1 - a, f.Progress().Done
	})
	fmt.Fprintf(out, "\nOpening a record of %d MB: first screen after %s, all rows after %s\n", size>>20, short(first), short(all))
	return ctx.Err()
}

func filterAll(ctx context.Context, s journal.Source, out io.Writer) error {
	for _, text := range []string{"LAMP-899", "status", "nothing like it", `/C-\d*77\d,?"/`, "dir:out size>119", `body~"total\":4\d\d" conn:#3`} {
		q, err := journal.Parse(text)
		if err != nil {
			return err
		}
		started := time.Now()
		v := journal.NewView(s, q)
		first, all := waitFor(ctx, v, started, func() (uint64, bool) {
			c := v.Counts()
			return c.Shown, c.Done
		})
		fmt.Fprintf(out, "  %-32s first screen %9s   complete %9s   %d rows\n", text, short(first), short(all), v.Counts().Shown)
		v.Close()
	}
	return ctx.Err()
}

// waitFor returns when there was a screen of rows, and when all were there.
func waitFor(ctx context.Context, w interface{ Watch(func()) func() }, started time.Time, state func() (rows uint64, done bool)) (first, all time.Duration) {
	changed := make(chan struct{}, 1)
	stop := w.Watch(func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	})
	defer stop()
	for ctx.Err() == nil {
		rows, done := state()
		if first == 0 && (rows >= firstScreen || done) {
			first = time.Since(started)
		}
		if done {
			return first, time.Since(started)
		}
		select {
		case <-changed:
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	return first, all
}

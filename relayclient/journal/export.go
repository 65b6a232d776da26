package journal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// A Format is how rows are written to a file.
type Format uint8

// The formats. The zero Format is none.
const (
	JSONLines Format = iota + 1 // a record: Open reads it again
	CSV
	PlainText
	HAR // the HTTP exchanges, as HAR 1.2
)

// Formats lists the formats.
func Formats() []Format { return []Format{JSONLines, CSV, PlainText, HAR} }

// String returns the format's name for people.
func (f Format) String() string {
	switch f {
	case JSONLines:
		return "JSON Lines"
	case CSV:
		return "CSV"
	case PlainText:
		return "text"
	case HAR:
		return "HAR"
	}
	return ""
}

// Extension returns what names of such files end with, such as ".csv".
func (f Format) Extension() string {
	switch f {
	case JSONLines:
		return ".jsonl"
	case CSV:
		return ".csv"
	case HAR:
		return ".har"
	}
	return ".txt"
}

// An Export is a choice of rows to be written to a file. Credentials in them
// are replaced, whatever the format. Its methods take long: they are not for
// the goroutine that owns a window.
type Export struct {
	Source      Source
	View        *View  // only the rows that it shows; nil for all
	First, Last uint64 // only the rows with these numbers; 0 and 0 for all
	Format      Format
	Base        string // of the URLs in a HAR: https://NAMESPACE/NAME
}

// A Plan says what an Export will write.
type Plan struct {
	Rows      uint64 // chosen
	Written   uint64 // of these; a HAR has HTTP exchanges only
	Bytes     int64  // about the size of the file
	Masked    uint64 // rows in which a credential is replaced
	Estimated bool   // Written, Bytes and Masked are from a part of the rows
}

// maxPlanned is how many rows a plan looks at, in runs of planRun.
const (
	maxPlanned = 50_000
	planRun    = 500
)

// Plan looks at the rows, or at some if they are many.
func (e Export) Plan(ctx context.Context) (Plan, error) {
	chosen, err := e.choose(ctx)
	if err != nil {
		return Plan{}, err
	}
	w := newExportWriter(e, io.Discard)
	if err := w.begin(); err != nil {
		return Plan{}, err
	}
	frame := w.bytes()
	runs, length := uint64(1), chosen.count()
	plan := Plan{Rows: length}
	if length > maxPlanned {
		runs, length, plan.Estimated = maxPlanned/planRun, planRun, true
	}
	looked := uint64(0)
	for run := range runs {
		from := chosen.first + run*(plan.Rows/runs)
		err := chosen.each(ctx, from, from+length, func(r Row) error {
			looked++
			return w.row(r)
		})
		if err != nil {
			return Plan{}, err
		}
	}
	if err := w.end(); err != nil {
		return Plan{}, err
	}
	share := float64(plan.Rows) / float64(max(1, looked))
	plan.Written = uint64(share*float64(w.written) + 0.5)
	plan.Masked = uint64(share*float64(w.masker.rows) + 0.5)
	plan.Bytes = frame + int64(share*float64(w.bytes()-frame))
	return plan, nil
}

// Write writes the rows to a file, which replaces one that is there. progress,
// if it is not nil, is told now and then how many rows were looked at. After an
// error, or when ctx ends, there is no new file and the old one is as it was.
func (e Export) Write(ctx context.Context, path string, progress func(rows uint64)) (Plan, error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".export-*")
	if err != nil {
		return Plan{}, fmt.Errorf("export: %w", err)
	}
	done, err := e.WriteTo(ctx, file, progress)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		os.Remove(file.Name())
		return Plan{}, fmt.Errorf("export to %s: %w", path, err)
	}
	return done, nil
}

// WriteTo is Write with something else to write to.
func (e Export) WriteTo(ctx context.Context, out io.Writer, progress func(rows uint64)) (Plan, error) {
	chosen, err := e.choose(ctx)
	if err != nil {
		return Plan{}, err
	}
	buffered := bufio.NewWriterSize(out, 256<<10)
	w := newExportWriter(e, buffered)
	if err := w.begin(); err != nil {
		return Plan{}, err
	}
	looked := uint64(0)
	err = chosen.each(ctx, chosen.first, chosen.end, func(r Row) error {
		looked++
		if progress != nil && looked%1024 == 0 {
			progress(looked)
		}
		return w.row(r)
	})
	if err == nil {
		err = w.end()
	}
	if err == nil {
		err = buffered.Flush()
	}
	return Plan{Rows: looked, Written: w.written, Bytes: w.bytes(), Masked: w.masker.rows}, err
}

// chosen are the rows of an export: those at positions first to end-1 of a
// view, or with these numbers.
type chosen struct {
	source     Source
	view       *View
	first, end uint64
}

// choose waits until a file was looked through, as far as it must be, and the
// view, if there is one, has looked at every row. What is appended later is not
// a part of the export.
func (e Export) choose(ctx context.Context) (chosen, error) {
	c := chosen{source: e.Source, view: e.View}
	if e.View != nil {
		c.source = e.View.Source()
	}
	if f, ok := c.source.(*File); ok {
		if _, last := f.Bounds(); e.Last == 0 || e.Last > last {
			if err := f.wait(ctx); err != nil {
				return chosen{}, err
			}
		}
	}
	if e.View == nil {
		first, last := e.Source.Bounds()
		c.first, c.end = first, last+1
		if e.Last != 0 {
			c.first, c.end = max(first, e.First), min(last, e.Last)+1
		}
	} else {
		if err := e.View.Wait(ctx); err != nil {
			return chosen{}, err
		}
		first, last := e.View.Bounds()
		c.first, c.end = first, last+1
		if e.Last != 0 {
			from, _ := e.View.Position(e.First)
			to, shown := e.View.Position(e.Last)
			if shown {
				to++
			}
			c.first, c.end = max(first, from), min(last+1, to)
		}
	}
	c.end = max(c.first, c.end)
	return c, nil
}

func (c chosen) count() uint64 { return c.end - c.first }

// each calls f with the rows from from to end-1 that are still held.
func (c chosen) each(ctx context.Context, from, end uint64, f func(Row) error) error {
	batch := make([]Row, min(256, end-from))
	for end = min(end, c.end); from < end; {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		at, n := from, 0
		if c.view != nil {
			at, n = c.view.Copy(from, batch[:min(uint64(len(batch)), end-from)])
		} else if n = c.source.Copy(from, batch[:min(uint64(len(batch)), end-from)]); n > 0 {
			at = batch[0].Number
		}
		if n == 0 {
			return nil
		}
		for i, r := range batch[:n] {
			if at+uint64(i) >= end {
				return nil
			}
			if err := f(r); err != nil {
				return err
			}
		}
		from = at + uint64(n)
	}
	return nil
}

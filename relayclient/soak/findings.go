package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"
)

// maxFindings bounds how many findings of a kind are printed: most repeat.
const maxFindings = 10

// findings are what must not have happened. They are printed as they come.
type findings struct {
	out     io.Writer
	started time.Time

	mu sync.Mutex
	n  int
	of map[string]int // by what they have in common
}

func (f *findings) add(format string, v ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n++
	if f.of == nil {
		f.of = map[string]int{}
	}
	f.of[format]++
	switch text := fmt.Sprintf(format, v...); {
	case f.of[format] <= maxFindings:
		fmt.Fprintf(f.out, "FINDING after %v: %s\n", time.Since(f.started).Round(time.Millisecond), text)
	case f.of[format] == maxFindings+1:
		fmt.Fprintf(f.out, "FINDING: more like this: %s\n", text)
	}
}

// say prints a line between the findings.
func (f *findings) say(format string, v ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fmt.Fprintf(f.out, format+"\n", v...)
}

func (f *findings) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.n
}

// A tally counts what happened, under headings.
type tally struct {
	mu sync.Mutex
	of map[string]map[string]int
}

func newTally() *tally { return &tally{of: map[string]map[string]int{}} }

func (t *tally) add(heading, what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.of[heading] == nil {
		t.of[heading] = map[string]int{}
	}
	t.of[heading][what]++
}

// count returns how often something happened.
func (t *tally) count(heading, what string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.of[heading][what]
}

// print writes all headings in order, what was most frequent first.
func (t *tally) print(w io.Writer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, heading := range slices.Sorted(maps.Keys(t.of)) {
		counts := t.of[heading]
		fmt.Fprintf(w, "%s:\n", heading)
		for _, what := range slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
			return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b))
		}) {
			fmt.Fprintf(w, "  %7d  %s\n", counts[what], what)
		}
	}
}

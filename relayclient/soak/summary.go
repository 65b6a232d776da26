package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// tellProgress prints a line every minute.
func (r *run) tellProgress(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			r.ledger.mu.Lock()
			acknowledged := r.ledger.acknowledged
			r.ledger.mu.Unlock()
			r.findings.say("soak: after %v: %d messages acknowledged, %d findings", time.Since(r.started).Round(time.Second), acknowledged, r.findings.count())
		case <-ctx.Done():
			return
		}
	}
}

// print writes what there was in a run.
func (r *run) print(before, after stock, p peaks) {
	var b strings.Builder
	r.tally.print(&b)
	l := r.ledger
	fmt.Fprintf(&b, "messages: %d sent, %d seen by listeners, %d acknowledged, on %d connections, of which faults cut %d\n", l.sent, l.seen, l.acknowledged, l.settled, l.cuts)
	fmt.Fprintf(&b, "requests: %d answered with 200\n", r.tally.count("requests", "200"))
	fmt.Fprintf(&b, "heap: %d KiB before, %d KiB after, %d KiB at most\n", before.heap>>10, after.heap>>10, p.heap>>10)
	fmt.Fprintf(&b, "goroutines: %d before, %d after, %d at most\n", before.goroutines, after.goroutines, p.goroutines)
	fmt.Fprintf(&b, "the machine was late by %v at most\n", p.stall.Round(time.Millisecond))
	if before.files >= 0 {
		fmt.Fprintf(&b, "open files: %d before, %d after\n", before.files, after.files)
	}
	verdict := "all is well"
	if n := r.findings.count(); n > 0 {
		verdict = fmt.Sprintf("%d findings", n)
	}
	fmt.Fprintf(&b, "soak: seed %d, %v: %s\n", r.seed, time.Since(r.started).Round(time.Second), verdict)
	fmt.Fprint(r.out, b.String())
}

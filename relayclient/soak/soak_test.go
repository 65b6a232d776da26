package main

import (
	"bytes"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"relayscope/relayclient"
)

// brief is a run that tests can afford: a good second of faults, and hardly more
// for the end if all is well.
func brief(seed uint64, out *bytes.Buffer) plan {
	const haste = 6
	return plan{time: 1200*time.Millisecond + endTime/haste, haste: haste, seed: seed, listeners: 4, senders: 12, out: out}
}

// The runs follow one another: each counts the goroutines of the process.
func TestBriefSoak(t *testing.T) {
	for _, seed := range []uint64{1, 2} {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			var out bytes.Buffer
			if !soak(t.Context(), brief(seed, &out)) {
				t.Error("there were findings")
			}
			for _, want := range []string{"acknowledged", fmt.Sprint("seed ", seed), "200", "opened"} {
				if !strings.Contains(out.String(), want) {
					t.Errorf("the summary does not say %q", want)
				}
			}
			t.Log(out.String())
		})
	}
}

func TestDefectsAreFound(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil func(*plan) (repair func())
		want  string
	}{
		"a corrupted echo": {func(p *plan) func() {
			var done atomic.Bool
			p.spoilEcho = func(m relayclient.Message) relayclient.Message {
				if done.CompareAndSwap(false, true) {
					m.Data = bytes.Clone(m.Data)
					m.Data[len(m.Data)-1] ^= 1
				}
				return m
			}
			return func() {}
		}, "checksum"},
		"a goroutine left behind": {func(p *plan) func() {
			quit, gone := make(chan struct{}), make(chan struct{})
			p.atEnd = func() {
				go func() {
					defer close(gone)
					<-quit
				}()
			}
			return func() {
				close(quit)
				<-gone
			}
		}, "goroutines were there before"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			p := brief(1, &out)
			p.time -= time.Second
			repair := tt.spoil(&p)
			well := soak(t.Context(), p)
			repair()
			if well || !strings.Contains(out.String(), tt.want) {
				t.Errorf("well %v, want a finding about %q in\n%s", well, tt.want, out.String())
			}
		})
	}
}

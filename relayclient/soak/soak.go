package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
)

// A plan says what a run is to be like.
type plan struct {
	time      time.Duration // of the whole run
	seed      uint64
	listeners int
	senders   int
	out       io.Writer
	log       *slog.Logger // nil: no log
	haste     int          // by how much all waits are shortened; 0 means not at all

	// What tests break to see that it is noticed; nil in earnest.
	spoilEcho func(relayclient.Message) relayclient.Message
	atEnd     func() // called before what is left is counted
}

// trafficTime is how long faults are injected.
func (p plan) trafficTime() time.Duration { return p.time - p.wait(endTime) }

// wait returns how long a wait of so much is in this run.
func (p plan) wait(d time.Duration) time.Duration { return d / time.Duration(max(p.haste, 1)) }

const (
	// endTime is what the end of a run may take: until what is under way is
	// over, and everything has come right again. It seldom takes a third of it.
	endTime = 90 * time.Second
	// settleTime is how long listeners and senders have to get through when
	// there are no faults any more.
	settleTime = 60 * time.Second
	// atOnce is how many senders try that at the same time: a small machine is
	// not to be judged by how it takes 200 TLS handshakes at once.
	atOnce = 25
	// leaveTime is how long goroutines and sockets have to go.
	leaveTime = 10 * time.Second
)

// hybridConnections are those that the listeners share, in turn.
var hybridConnections = []struct {
	name      string
	anonymous bool
	handler   bool // its listeners serve HTTP
}{
	{name: "orders", handler: true},
	{name: "site-7/plc"},
	{name: "open", anonymous: true, handler: true},
}

// A run is a soak under way.
type run struct {
	plan
	relay    *localrelay.Relay
	findings *findings
	tally    *tally
	ledger   *ledger
	faults   *faultLog
	handled  *handledOnce
	started  time.Time
}

// rng returns the random numbers of one part of the run.
func (r *run) rng(part, n int) *rand.Rand {
	return rand.New(rand.NewPCG(r.seed, uint64(part)<<32|uint64(n)))
}

// The parts that have random numbers of their own.
const (
	partFaults = 1 + iota
	partSenders
	partListeners
)

// soak makes one run, prints what there was, and reports whether all was well.
func soak(ctx context.Context, p plan) bool {
	before := takeStock()
	fmt.Fprintf(p.out, "soak: seed %d, %d listeners, %d senders, %v\n", p.seed, p.listeners, p.senders, p.time)
	f := &findings{out: p.out, started: time.Now()}
	r := &run{
		plan: p, started: time.Now(), findings: f, tally: newTally(), faults: newFaultLog(),
		ledger: newLedger(f), handled: newHandledOnce(p.senders),
	}
	watch := watchPeaks(r.faults.noteStall)
	if err := r.play(ctx); err != nil {
		f.add("the run could not be completed: %v", err)
	}
	if p.atEnd != nil {
		p.atEnd()
	}
	peaks := watch()
	r.ledger.settleRest()
	r.checkCuts()
	r.ledger.forget()
	after := before.awaitSame(p.wait(leaveTime))
	before.compare(after, f)
	r.print(before, after, peaks)
	return f.count() == 0
}

// play starts everything, lets it run, and ends it in good order.
func (r *run) play(ctx context.Context) error {
	relay, err := r.startRelay()
	if err != nil {
		return err
	}
	r.relay = relay
	defer relay.Close()
	ctx, cancel := context.WithTimeoutCause(ctx, r.time, errOutOfTime)
	defer cancel()

	var listeners []*listener
	defer func() { // also if not all could be started
		var closing sync.WaitGroup
		for _, l := range listeners {
			closing.Go(l.close)
		}
		closing.Wait()
	}()
	for i := range r.listeners {
		l, err := r.startListener(ctx, i)
		if err != nil {
			return err
		}
		listeners = append(listeners, l)
	}
	if err := r.traffic(ctx); err != nil {
		return err
	}
	r.settle(ctx, listeners)
	// In order: the senders are gone, so nothing holds the listeners up.
	var closing sync.WaitGroup
	for _, l := range listeners {
		closing.Go(l.close)
	}
	closing.Wait()
	listeners = nil
	idle, stop := context.WithTimeout(ctx, leaveTime)
	defer stop()
	if err := relay.WaitIdle(idle); err != nil {
		r.findings.add("a client left a socket open: %v", err)
	}
	for _, d := range relay.Deviations() {
		// A token that lives for seconds may expire on the way to the relay.
		if d.Rule == "renewal refused" && r.faults.worstStall() > shortLife/8 {
			r.tally.add("control channels", "token renewed too late, on a busy machine")
			continue
		}
		r.findings.add("%s on %s deviated from the protocol %d times: %s (%s)", d.Role, d.Entity, d.Count, d.Rule, d.Section)
	}
	return relay.Close()
}

// traffic lets the senders work and the faults strike until their time is
// over, and waits for what is under way.
func (r *run) traffic(ctx context.Context) error {
	during, stop := context.WithTimeoutCause(ctx, r.trafficTime(), errTimeIsUp)
	defer stop()
	senders, err := r.newSenders()
	if err != nil {
		return err
	}
	var working sync.WaitGroup
	for _, s := range senders {
		working.Go(func() { s.work(ctx, during) })
	}
	working.Go(func() { r.injectFaults(during) })
	working.Go(func() { r.tellProgress(during) })
	working.Go(func() { r.expireTokens(during) })
	working.Wait()
	for _, s := range senders {
		s.leave()
	}
	return context.Cause(ctx)
}

// settle sees whether everything works once nothing goes wrong any more.
func (r *run) settle(ctx context.Context, listeners []*listener) {
	ctx, stop := context.WithTimeoutCause(ctx, settleTime, errTimeIsUp)
	defer stop()
	var all sync.WaitGroup
	for _, l := range listeners {
		all.Go(func() {
			if !l.awaitOnline(ctx) {
				r.findings.add("listener %d is not online although there are no faults any more", l.index)
			}
		})
	}
	all.Wait()
	senders, err := r.newSenders()
	if err != nil {
		r.findings.add("senders cannot be made: %v", err)
		return
	}
	turns := make(chan struct{}, atOnce)
	for _, s := range senders {
		all.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			defer s.leave()
			if err := s.getThrough(ctx); err != nil {
				r.findings.add("sender %d does not get through although there are no faults any more: %v", s.index, err)
			}
		})
	}
	all.Wait()
}

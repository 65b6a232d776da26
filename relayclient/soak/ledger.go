package main

import (
	"errors"
	"fmt"
	"sync"

	"relayscope/relayclient"
)

// A ledger holds what both ends know of every data connection, until both are
// done with it and it can be compared.
type ledger struct {
	findings *findings

	mu    sync.Mutex
	conns map[string]*entry // by the UUID that both ends know
	cuts  int               // connections that neither end gave up and both lost

	settled, sent, seen, acknowledged int
}

// An entry is one data connection.
type entry struct {
	sender, listener half
	owner            int // index of the listener
	tried            int // messages that the sender began to write
	sent             int // and wrote
	seen             int // that the listener read
	echoed           int // that the listener began to write
	acked            int // that the sender read
}

// A half is one end of a connection.
type half struct {
	opened, done bool
	readAll      bool  // it read until reading ended by itself
	err          error // with which reading ended
	gaveUp       bool  // it dropped the connection of its own accord
}

func newLedger(f *findings) *ledger { return &ledger{findings: f, conns: map[string]*entry{}} }

// at returns the entry of a connection. The caller holds l.mu.
func (l *ledger) at(id string) *entry {
	e := l.conns[id]
	if e == nil {
		e = &entry{}
		l.conns[id] = e
	}
	return e
}

// connected enters the sender's half.
func (l *ledger) connected(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.at(id)
	if e.sender.opened {
		l.findings.add("connection %s was opened twice by senders", id)
	}
	e.sender.opened = true
}

// accepted enters the listener's half.
func (l *ledger) accepted(id string, owner int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.at(id)
	if e.listener.opened {
		l.findings.add("connection %s was accepted by listeners %d and %d", id, e.owner, owner)
	}
	e.listener.opened, e.owner = true, owner
}

// count changes the numbers of a connection.
func (l *ledger) count(id string, change func(*entry)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(l.at(id))
}

// story tells what is known of a connection.
func (l *ledger) story(id string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.at(id)
	return fmt.Sprintf("%d of %d messages sent, %d seen, %d echoed, %d acknowledged; at the listener opened %v, done %v, %v",
		e.sent, e.tried, e.seen, e.echoed, e.acked, e.listener.opened, e.listener.done, e.listener.err)
}

// senderDone and listenerDone end a half; the second one settles the account.
func (l *ledger) senderDone(id string, h half) {
	l.end(id, h, func(e *entry) *half { return &e.sender })
}
func (l *ledger) listenerDone(id string, h half) {
	l.end(id, h, func(e *entry) *half { return &e.listener })
}

func (l *ledger) end(id string, h half, which func(*entry) *half) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.at(id)
	h.opened, h.done = true, true
	*which(e) = h
	if e.sender.done && e.listener.done {
		l.settle(id, e)
	}
}

// settle compares both halves. The caller holds l.mu.
func (l *ledger) settle(id string, e *entry) {
	delete(l.conns, id)
	l.settled++
	l.sent, l.seen, l.acknowledged = l.sent+e.sent, l.seen+e.seen, l.acknowledged+e.acked
	if e.acked > e.echoed || e.echoed > e.seen || e.seen > e.tried {
		l.findings.add("connection %s: %d acknowledged, %d echoed, %d seen, %d sent", id, e.acked, e.echoed, e.seen, e.tried)
	}
	// A Close comes after all that was written before it.
	if e.listener.readAll && closed(e.listener.err) && e.seen != e.sent {
		l.findings.add("connection %s: the listener read the sender's Close after %d of %d messages", id, e.seen, e.sent)
	}
	if e.sender.readAll && closed(e.sender.err) && e.acked != e.echoed {
		l.findings.add("connection %s: the sender read the listener's Close after %d of %d echoes", id, e.acked, e.echoed)
	}
	if lost(e.sender) && lost(e.listener) {
		l.cuts++
	}
}

// settleRest settles what only one end knows of.
func (l *ledger) settleRest() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, e := range l.conns {
		if e.sender.opened && !e.sender.done || e.listener.opened && !e.listener.done {
			l.findings.add("connection %s is not over", id)
		}
		l.settle(id, e)
	}
}

// forget gives the ledger's memory back.
func (l *ledger) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns = map[string]*entry{}
}

// closed reports whether reading ended with the other side's Close.
func closed(err error) bool {
	var ce *relayclient.CloseError
	return errors.As(err, &ce)
}

// lost reports whether an end lost a connection that it did not give up.
func lost(h half) bool {
	return h.done && !h.gaveUp && h.err != nil && !closed(h.err) && !errors.Is(h.err, relayclient.ErrPeerSilent)
}

// handledOnce knows which request each sender waits for, and how often a
// handler has seen it.
type handledOnce struct {
	mu    sync.Mutex
	of    []uint32 // by sender: the number of the request
	times []int
}

func newHandledOnce(senders int) *handledOnce {
	return &handledOnce{of: make([]uint32, senders), times: make([]int, senders)}
}

func (h *handledOnce) begin(sender int, number uint32) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.of[sender], h.times[sender] = number, 0
}

// seen counts a request, if its sender still waits for it.
func (h *handledOnce) seen(sender int, number uint32) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if sender < len(h.of) && h.of[sender] == number {
		h.times[sender]++
	}
}

// end returns how often the request was seen.
func (h *handledOnce) end(sender int) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.of[sender] = 0
	return h.times[sender]
}

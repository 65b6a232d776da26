package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A client is what a contestant in Go has to bring along.
type client interface {
	// open connects a sender and returns it and what the listener accepted.
	open() (sender, listener end, err error)
	// get sends one HTTP request and returns the length of the answer.
	get(ctx context.Context) (int, error)
	close() error
}

// An end is one end of a data connection.
type end interface {
	write(p []byte) error
	read() ([]byte, error)
	// close closes in good order: the side that is called first says so, the
	// other one answers.
	close() error
	// abandon drops the connection.
	abandon()
}

// A worker does the same work with any client.
type worker struct {
	client           client
	sender, listener end // of the connection that messages go over
}

func (w *worker) do(ctx context.Context, o order) (outcome, error) {
	switch o.Op {
	case "stream", "pingpong":
		if w.sender == nil {
			var err error
			if w.sender, w.listener, err = w.client.open(); err != nil {
				return outcome{}, err
			}
		}
		if o.Op == "stream" {
			return w.stream(o)
		}
		return w.pingpong(o)
	case "http":
		return w.http(ctx, o)
	case "connect":
		return w.connect(o)
	case "idle":
		return w.idle(o)
	}
	return outcome{}, fmt.Errorf("unknown order %q", o.Op)
}

// check looks at the size and the number of a message.
func check(got []byte, err error, size, number int) error {
	switch {
	case err != nil:
		return err
	case len(got) != size:
		return fmt.Errorf("message %d has %d bytes, want %d", number, len(got), size)
	case binary.BigEndian.Uint64(got) != uint64(number):
		return fmt.Errorf("message %d arrived in place of %d", binary.BigEndian.Uint64(got), number)
	}
	return nil
}

// stream sends messages one way as fast as they go. It ends when the last one
// has arrived.
func (w *worker) stream(o order) (outcome, error) {
	received := make(chan error, 1)
	start := time.Now()
	go func() {
		for i := range o.Count {
			got, err := w.listener.read()
			if err = check(got, err, o.Size, i); err != nil {
				received <- err
				w.sender.abandon() // it may wait for somebody to read
				return
			}
		}
		received <- nil
	}()
	message := make([]byte, o.Size)
	for i := range o.Count {
		binary.BigEndian.PutUint64(message, uint64(i))
		if err := w.sender.write(message); err != nil {
			w.listener.abandon()
			return outcome{}, errors.Join(err, <-received)
		}
	}
	err := <-received
	return outcome{Count: o.Count, Seconds: time.Since(start).Seconds()}, err
}

// pingpong sends a message, waits until it has come back, and so on.
func (w *worker) pingpong(o order) (outcome, error) {
	echoed := make(chan error, 1)
	go func() {
		for i := range o.Count {
			got, err := w.listener.read()
			if err = check(got, err, o.Size, i); err == nil {
				err = w.listener.write(got)
			}
			if err != nil {
				echoed <- err
				w.sender.abandon()
				return
			}
		}
		echoed <- nil
	}()
	took := make([]time.Duration, 0, o.Count)
	message := make([]byte, o.Size)
	start := time.Now()
	for i := range o.Count {
		sent := time.Now()
		binary.BigEndian.PutUint64(message, uint64(i))
		if err := w.sender.write(message); err != nil {
			return outcome{}, err
		}
		got, err := w.sender.read()
		if err = check(got, err, o.Size, i); err != nil {
			return outcome{}, err
		}
		took = append(took, time.Since(sent))
	}
	seconds := time.Since(start).Seconds()
	slices.Sort(took)
	return outcome{
		Count: o.Count, Seconds: seconds,
		P50: took[len(took)/2].Seconds(), P99: took[len(took)*99/100].Seconds(),
	}, <-echoed
}

// http sends requests, with a number of them on their way at any time.
func (w *worker) http(ctx context.Context, o order) (outcome, error) {
	var asked atomic.Int64
	errs := make([]error, o.InFlight)
	var senders sync.WaitGroup
	start := time.Now()
	for i := range errs {
		senders.Go(func() {
			for asked.Add(1) <= int64(o.Count) && errs[i] == nil {
				n, err := w.client.get(ctx)
				if err == nil && n != o.Size {
					err = fmt.Errorf("an answer has %d bytes, want %d", n, o.Size)
				}
				errs[i] = err
			}
		})
	}
	senders.Wait()
	return outcome{Count: o.Count, Seconds: time.Since(start).Seconds()}, errors.Join(errs...)
}

// connect opens and closes one connection after the other.
func (w *worker) connect(o order) (outcome, error) {
	start := time.Now()
	for range o.Count {
		sender, listener, err := w.client.open()
		if err != nil {
			return outcome{}, err
		}
		if err := closeBoth(sender, listener); err != nil {
			return outcome{}, err
		}
	}
	return outcome{Count: o.Count, Seconds: time.Since(start).Seconds()}, nil
}

func closeBoth(sender, listener end) error {
	answered := make(chan error, 1)
	go func() {
		for {
			if _, err := listener.read(); err != nil {
				break // the sender's Close
			}
		}
		answered <- listener.close()
	}()
	return errors.Join(sender.close(), <-answered)
}

// idle measures what connections cost that nothing moves over.
func (w *worker) idle(o order) (outcome, error) {
	before := memoryInUse()
	var ends []end
	for range o.Count {
		sender, listener, err := w.client.open()
		if err != nil {
			return outcome{}, err
		}
		ends = append(ends, sender, listener)
	}
	grown := memoryInUse() - before
	for i := 0; i < len(ends); i += 2 {
		if err := closeBoth(ends[i], ends[i+1]); err != nil {
			return outcome{}, err
		}
	}
	return outcome{Count: o.Count, Bytes: grown / float64(len(ends))}, nil
}

func memoryInUse() float64 {
	runtime.GC()
	runtime.GC() // pools give up their contents after two collections
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapInuse + m.StackInuse)
}

func (w *worker) close() error {
	var err error
	if w.sender != nil {
		err = closeBoth(w.sender, w.listener)
	}
	return errors.Join(err, w.client.close())
}

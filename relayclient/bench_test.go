package relayclient_test

import (
	"cmp"
	"context"
	encoding "encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// The messages and connections that moving data is measured with.
var (
	benchSizes       = []int{64, 1 << 10, 64 << 10}
	benchConnections = []int{1, 64}
)

// A benchPair is both ends of a connection.
type benchPair struct{ sender, listener *relayclient.Conn }

func benchPairs(b *testing.B, n int) []benchPair {
	b.Helper()
	r := localrelaytest.New(b)
	l := listen(b, config(b, r, "hyco", "listen"))
	sender := config(b, r, "hyco", "send")
	pairs := make([]benchPair, n)
	for i := range pairs {
		pairs[i].listener, pairs[i].sender = pair(b, l, sender)
	}
	return pairs
}

// benchData runs a benchmark for every size and number of connections. work
// moves count messages over one pair; times has room for one entry each.
func benchData(b *testing.B, work func(ctx context.Context, p benchPair, size, count int, times []time.Duration) error, report func(b *testing.B, times []time.Duration)) {
	for _, connections := range benchConnections {
		pairs := benchPairs(b, connections)
		for _, size := range benchSizes {
			b.Run(fmt.Sprintf("size=%d/conns=%d", size, connections), func(b *testing.B) {
				ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
				defer cancel()
				times := make([]time.Duration, b.N)
				errs := make([]error, len(pairs))
				b.SetBytes(int64(size))
				b.ReportAllocs()
				b.ResetTimer()
				var all sync.WaitGroup
				for i, p := range pairs {
					from, to := b.N*i/len(pairs), b.N*(i+1)/len(pairs)
					all.Go(func() {
						if errs[i] = work(ctx, p, size, to-from, times[from:to]); errs[i] != nil {
							cancel() // the other end must not wait
						}
					})
				}
				all.Wait()
				b.StopTimer()
				if err := cmp.Or(errs...); err != nil {
					b.Fatal(err)
				}
				report(b, times)
			})
		}
	}
}

// numbered reads message number i, which must have a size.
func numbered(ctx context.Context, c *relayclient.Conn, size, i int) ([]byte, error) {
	m, err := c.Read(ctx)
	switch {
	case err != nil:
		return nil, err
	case !m.Binary || len(m.Data) != size || encoding.BigEndian.Uint64(m.Data) != uint64(i):
		return nil, fmt.Errorf("got %d bytes that begin with %x, want %d bytes that begin with %d", len(m.Data), m.Data[:min(len(m.Data), 8)], size, i)
	}
	return m.Data, nil
}

// BenchmarkOneWay sends messages as fast as they go; the last one has arrived
// when the clock is stopped.
func BenchmarkOneWay(b *testing.B) {
	benchData(b, func(ctx context.Context, p benchPair, size, count int, _ []time.Duration) error {
		received := make(chan error, 1)
		go func() {
			for i := range count {
				if _, err := numbered(ctx, p.listener, size, i); err != nil {
					received <- err
					return
				}
			}
			received <- nil
		}()
		message := relayclient.Message{Binary: true, Data: make([]byte, size)}
		for i := range count {
			encoding.BigEndian.PutUint64(message.Data, uint64(i))
			if err := p.sender.Write(ctx, message); err != nil {
				p.listener.CloseNow() // its reader must not wait
				return errors.Join(err, <-received)
			}
		}
		return <-received
	}, func(b *testing.B, _ []time.Duration) {
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msgs/s")
	})
}

// BenchmarkPingPong sends a message and waits until it has come back. With
// many connections that happens on all of them at once.
func BenchmarkPingPong(b *testing.B) {
	benchData(b, func(ctx context.Context, p benchPair, size, count int, times []time.Duration) error {
		echoed := make(chan error, 1)
		go func() {
			for i := range count {
				data, err := numbered(ctx, p.listener, size, i)
				if err == nil {
					err = p.listener.Write(ctx, relayclient.Message{Binary: true, Data: data})
				}
				if err != nil {
					p.sender.CloseNow()
					echoed <- err
					return
				}
			}
			echoed <- nil
		}()
		message := relayclient.Message{Binary: true, Data: make([]byte, size)}
		for i := range count {
			start := time.Now()
			encoding.BigEndian.PutUint64(message.Data, uint64(i))
			if err := p.sender.Write(ctx, message); err != nil {
				return err
			}
			if _, err := numbered(ctx, p.sender, size, i); err != nil {
				return err
			}
			times[i] = time.Since(start)
		}
		return <-echoed
	}, func(b *testing.B, times []time.Duration) {
		slices.Sort(times)
		b.ReportMetric(float64(times[len(times)/2].Nanoseconds()), "p50-ns/op")
		b.ReportMetric(float64(times[len(times)*99/100].Nanoseconds()), "p99-ns/op")
	})
}

// BenchmarkConnect connects, accepts and closes in good order.
func BenchmarkConnect(b *testing.B) {
	r := localrelaytest.New(b)
	l := listen(b, config(b, r, "hyco", "listen"))
	sender := config(b, r, "hyco", "send")
	b.ReportAllocs()
	for b.Loop() {
		closed := make(chan error, 1)
		go func() {
			c, err := l.Accept(b.Context())
			if err == nil {
				if _, end := c.Read(b.Context()); !ordinary(end) {
					err = fmt.Errorf("the connection ended with %w", end)
				}
				err = cmp.Or(err, c.Close(1000, ""))
			}
			closed <- err
		}()
		c, err := relayclient.Dial(b.Context(), sender, relayclient.DialOptions{})
		if err != nil {
			b.Fatal(err)
		}
		if err := cmp.Or(c.Close(1000, ""), <-closed); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "conns/s")
}

func ordinary(err error) bool {
	var ce *relayclient.CloseError
	return errors.As(err, &ce) && ce.Ordinary()
}

func BenchmarkSignToken(b *testing.B) {
	key := relayclient.SharedAccessKey{KeyName: "listen", Key: relayclient.NewSecret("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU=")}
	audience := relayclient.Audience("contoso.servicebus.windows.net", "hyco")
	b.ReportAllocs()
	for b.Loop() {
		token, err := key.Token(b.Context(), audience)
		if err != nil || token.Value.Empty() || token.Expires.IsZero() {
			b.Fatalf("token until %v, %v", token.Expires, err)
		}
	}
}

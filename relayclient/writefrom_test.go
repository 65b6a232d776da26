package relayclient_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
)

func TestWriteFrom(t *testing.T) {
	r := localrelaytest.New(t)
	cfg := config(t, r, "hyco", "send")
	events := watch(&cfg)
	a, b := pair(t, listen(t, config(t, r, "hyco", "listen")), cfg)
	for _, size := range []int{0, 1, 64 << 10, 64<<10 + 1, 3<<20 + 7} {
		for _, binary := range []bool{true, false} {
			data := []byte(strings.Repeat("grüße ", size/8+1))[:size]
			for !utf8.Valid(data) {
				data[len(data)-1] = '.'
			}
			wrote := make(chan error, 1)
			go func() {
				wrote <- b.WriteFrom(t.Context(), binary, int64(size), iotest.HalfReader(bytes.NewReader(data)))
			}()
			mustRead(t, a, relayclient.Message{Binary: binary, Data: data})
			if err := <-wrote; err != nil {
				t.Fatal(err)
			}
			ev := await(t, events, "sent", kind(relayclient.MessageSent))
			if want := data[:min(size, 64<<10)]; !bytes.Equal(ev.Message.Data, want) || ev.Message.Binary != binary {
				t.Errorf("%d bytes: the event has %d of them, binary %v", size, len(ev.Message.Data), ev.Message.Binary)
			}
			if counted := size > 64<<10; counted && ev.Bytes != int64(size) || !counted && ev.Bytes != 0 {
				t.Errorf("%d bytes: the event counts %d", size, ev.Bytes)
			}
		}
	}
}

func TestWriteFromThatFails(t *testing.T) {
	broken := errors.New("the disk is gone")
	long := strings.Repeat("x", 100<<10)
	for name, tt := range map[string]struct {
		r    io.Reader
		want error
		goes bool // the connection lives on
	}{
		"at the beginning": {iotest.ErrReader(broken), broken, true},
		"half way":         {io.MultiReader(strings.NewReader(long), iotest.ErrReader(broken)), broken, false},
		"not text":         {strings.NewReader(long + "\xff"), relayclient.ErrNotText, false},
		"half a character": {strings.NewReader(long + "\xc3"), relayclient.ErrNotText, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := localrelaytest.New(t)
			_, b := pair(t, listen(t, config(t, r, "hyco", "listen")), config(t, r, "hyco", "send"))
			if err := b.WriteFrom(t.Context(), false, 1, tt.r); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if err := b.Write(t.Context(), text("after")); (err == nil) != tt.goes {
				t.Errorf("writing after that: %v", err)
			}
		})
	}
}

// Text is text in whatever pieces it comes.
func FuzzTextChecker(f *testing.F) {
	f.Add([]byte("grüße, 世界 😀"), uint64(1))
	f.Add([]byte("\xf0\x9f\x98"), uint64(2))
	f.Add([]byte("\xed\xa0\x80"), uint64(3))
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 0))
		var check relayclient.TextChecker
		var err error
		for left := data; len(left) > 0 && err == nil; {
			n := 1 + random.IntN(len(left))
			_, err = check.Write(left[:n])
			left = left[n:]
		}
		if got := err == nil && check.Whole(); got != utf8.Valid(data) {
			t.Errorf("%q: text %v, want %v", data, got, !got)
		}
	})
}

func TestPing(t *testing.T) {
	r := localrelaytest.New(t)
	cfg := config(t, r, "hyco", "send")
	events := watch(&cfg)
	_, b := pair(t, listen(t, config(t, r, "hyco", "listen")), cfg)
	over, cancel := context.WithCancelCause(t.Context())
	cancel(errTest)
	if _, err := b.Ping(over); !errors.Is(err, errTest) {
		t.Errorf("a PING that nobody waits for: %v", err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := b.Read(t.Context())
		ended <- err
	}()
	for range 3 {
		took, err := b.Ping(t.Context())
		if err != nil || took <= 0 {
			t.Fatalf("Ping = %v, %v", took, err)
		}
		if ev := await(t, events, "answered", kind(relayclient.PingAnswered)); ev.Took != took || ev.Connection != b.ID() {
			t.Errorf("event %+v, want %v", ev, took)
		}
	}
	b.CloseNow()
	<-ended
	if _, err := b.Ping(t.Context()); !errors.Is(err, relayclient.ErrClosed) {
		t.Errorf("Ping after the end: %v", err)
	}
}

var errTest = errors.New("the test says so")

package main

import (
	"context"
	"errors"
	"testing"
	"time"
)

// Every client does every kind of work over every relay that it can use.
func TestWork(t *testing.T) {
	relays := map[string]func() (address, func() error, error){
		"localrelay": startLocalRelay, "splice": startSplice, "foreign relay": startForeignRelay,
	}
	for _, who := range []contestant{ours, floor, limit, oursForeign, floorForeign} {
		t.Run(who.client+" over "+who.relay, func(t *testing.T) {
			at, stop, err := relays[who.relay]()
			if err != nil {
				t.Fatal(err)
			}
			at.HybridConnection = who.client
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			c, err := newClient(ctx, who.client, who.relay, at)
			if err != nil {
				t.Fatal(errors.Join(err, stop()))
			}
			w := worker{client: c}
			for _, f := range figures() {
				o := f.order
				o.Count = 20
				if o.Op == "http" && who.relay != "localrelay" {
					continue // the other relays know no requests
				}
				got, err := w.do(ctx, o)
				if err != nil || got.Count != o.Count || o.Op != "idle" && got.Seconds <= 0 || o.Op == "pingpong" && (got.P50 <= 0 || got.P99 < got.P50) {
					t.Errorf("%s: %+v, %v", f.name, got, err)
				}
			}
			if err := errors.Join(w.close(), stop()); err != nil {
				t.Error(err)
			}
		})
	}
}

// A message that is not the one expected ends the work.
func TestCheck(t *testing.T) {
	message := []byte{0, 0, 0, 0, 0, 0, 0, 7, 'x'}
	if err := check(message, nil, 9, 7); err != nil {
		t.Error(err)
	}
	if check(message, nil, 10, 7) == nil || check(message, nil, 9, 8) == nil || check(nil, context.Canceled, 9, 7) == nil {
		t.Error("a wrong message was taken")
	}
}

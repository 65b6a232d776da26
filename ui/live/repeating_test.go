package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/journal"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// A taker is a session with links whose messages the test takes.
type taker struct {
	*Session
	links []*link
}

func newTaker(links int) *taker {
	s := &taker{Session: NewSession(context.Background(), profiles.Profile{}, nil)}
	for i := range links {
		s.links = append(s.links, newLink(nil, i+1))
		s.sender.runs = append(s.sender.runs, &sending{id: i + 1, cancel: func(error) {}, state: SenderConnected, link: s.links[i]})
	}
	return s
}

func numbered(format string) payload {
	return payload{fill: func(n int64) (relayclient.Message, error) {
		return relayclient.Message{Data: fmt.Appendf(nil, format, n)}, nil
	}}
}

func TestRepeatKeepsItsPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTaker(2)
		var arrived []time.Duration
		began := time.Now()
		if err := s.startRepeat(numbered("no %d"), Repeat{Count: 4, Interval: 250 * time.Millisecond}); err != nil {
			t.Fatal(err)
		}
		for i := range 4 {
			for _, l := range s.links {
				if m := <-l.outgoing; string(m.Data) != fmt.Sprintf("no %d", i+1) {
					t.Errorf("message %d is %q", i+1, m.Data)
				}
			}
			arrived = append(arrived, time.Since(began))
		}
		s.work.Wait()
		want := []time.Duration{0, 250 * time.Millisecond, 500 * time.Millisecond, 750 * time.Millisecond}
		if !slices.Equal(arrived, want) {
			t.Errorf("sent after %v, want %v", arrived, want)
		}
		if st := s.Repeating(); st.Running || st.Sent != 4 || st.Err != nil {
			t.Errorf("status %+v", st)
		}
	})
}

func TestRepeatWithJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTaker(1)
		began := time.Now()
		if err := s.startRepeat(numbered("%d"), Repeat{Count: 101, Interval: 10 * time.Millisecond, Jitter: 10 * time.Millisecond}); err != nil {
			t.Fatal(err)
		}
		last, same := began, 0
		var waits []time.Duration
		for range 101 {
			<-s.links[0].outgoing
			waits = append(waits, time.Since(last))
			last = time.Now()
		}
		for _, w := range waits[1:] {
			if w < 10*time.Millisecond || w >= 20*time.Millisecond {
				t.Errorf("a wait of %v", w)
			}
			if w == 10*time.Millisecond {
				same++
			}
		}
		if same > 50 {
			t.Errorf("%d of 100 waits have no jitter", same)
		}
		s.work.Wait()
	})
}

// Nobody reads, then somebody does: nothing is lost, and stopping works.
func TestRepeatWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTaker(1)
		if err := s.startRepeat(numbered("%d"), Repeat{}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if st := s.Repeating(); st.Sent != maxOutgoing || !st.Running {
			t.Errorf("status %+v, want as many as may wait", st)
		}
		if err := s.startRepeat(numbered("%d"), Repeat{}); !errors.Is(err, ErrRepeating) {
			t.Errorf("a second repetition: %v", err)
		}
		<-s.links[0].outgoing
		s.links[0].room <- struct{}{}
		synctest.Wait()
		if st := s.Repeating(); st.Sent != maxOutgoing+1 {
			t.Errorf("%d sent after room for one", st.Sent)
		}
		s.StopRepeat()
		s.work.Wait()
		if st := s.Repeating(); st.Running || st.Err != nil || !strings.Contains(repeatWords(st), "257 messages sent") {
			t.Errorf("status %+v: %s", st, repeatWords(st))
		}
	})
}

func TestRepeatWhenAConnectionEnds(t *testing.T) {
	for name, tt := range map[string]struct {
		stop bool
		want string // the reason why it ended
	}{
		"stop":  {true, "connection #1: not connected"},
		"go on": {false, "connection #2: not connected"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newTaker(2)
				if err := s.startRepeat(numbered("%d"), Repeat{Interval: time.Second, StopOnError: tt.stop}); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				s.hangUp(s.links[0])
				time.Sleep(10*time.Second + time.Millisecond)
				if st := s.Repeating(); st.Running == tt.stop {
					t.Errorf("status %+v", st)
				}
				s.hangUp(s.links[1])
				time.Sleep(time.Second)
				s.work.Wait()
				if st := s.Repeating(); st.Err == nil || st.Err.Error() != tt.want {
					t.Errorf("ended with %v, want %s", st.Err, tt.want)
				}
			})
		})
	}
}

func TestRepeatThatCannotBeFilledIn(t *testing.T) {
	s := newTaker(1)
	wrong := errors.New("no such luck")
	p := payload{fill: func(n int64) (relayclient.Message, error) { return relayclient.Message{}, wrong }}
	if err := s.startRepeat(p, Repeat{Count: 3}); err != nil {
		t.Fatal(err)
	}
	s.work.Wait()
	if st := s.Repeating(); !errors.Is(st.Err, wrong) || st.Sent != 0 {
		t.Errorf("status %+v", st)
	}
}

// Thousands of messages a second over the relay: each arrives, in order.
func TestRepeatOverTheRelay(t *testing.T) {
	const count = 5000
	r := localrelaytest.New(t)
	cs, err := r.ConnectionString("hyco", "both")
	if err != nil {
		t.Fatal(err)
	}
	s := NewSession(context.Background(), profiles.Profile{}, func(context.Context, profiles.Profile, relayclient.Role) (relayclient.Config, error) {
		return relayclient.Config{Namespace: cs.Namespace, HybridConnection: cs.HybridConnection, RootCAs: r.RootCAs(),
			Token: relayclient.SharedAccessKey{KeyName: cs.KeyName, Key: cs.Key}}, nil
	})
	changes := make(chan struct{}, 1)
	s.Watch(func() {
		select {
		case changes <- struct{}{}:
		default:
		}
	})
	until := func(true func() bool) {
		for !true() {
			select {
			case <-changes:
			case <-t.Context().Done():
				t.FailNow()
			}
		}
	}
	s.StartBoth()
	until(func() bool { return s.Sender().State == SenderConnected })
	if err := s.startRepeat(numbered("%d"), Repeat{Count: count, Interval: 100 * time.Microsecond}); err != nil {
		t.Fatal(err)
	}
	until(func() bool { return s.Sender().Received == count })
	next := 1
	first, last := s.Journal().Bounds()
	for row := range s.Journal().Range(first, last) {
		if row.Lane == journal.Listener && row.Direction == journal.In && row.Kind == journal.Data {
			if string(row.Payload) != fmt.Sprint(next) {
				t.Fatalf("message %d is %q", next, row.Payload)
			}
			next++
		}
	}
	if next != count+1 {
		t.Errorf("%d of %d arrived", next-1, count)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

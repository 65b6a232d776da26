package live

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"time"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/request"
)

// RequestStatus is where the latest HTTP request stands. The zero value is
// none at all.
type RequestStatus struct {
	Number  int       // that people see; 0 if there was no request
	Since   time.Time // when it was sent
	Request request.Request
	Answer  *request.Answer // nil while it is pending
	Verdict request.Verdict // about Answer
	id      string          // that the rows of the exchange have in common
}

// Pending reports whether the answer is still to come.
func (st RequestStatus) Pending() bool { return st.Number > 0 && st.Answer == nil }

// ProbeStatus is where the probe of sizes stands. The zero value is one that
// never ran.
type ProbeStatus struct {
	Running bool
	Since   time.Time
	Trials  []request.Trial
}

// ErrRequestPending means that one request at a time is enough.
var ErrRequestPending = errors.New("the answer to the last request is still to come")

// requestsState is guarded by the session's mutex.
type requestsState struct {
	client   *request.Client
	used     profiles.Profile // what client was made for
	cancel   context.CancelCauseFunc
	status   RequestStatus
	sent     sentRequests
	probe    ProbeStatus
	answered bool              // a listener has answered since client was made
	heard    []string          // IDs of the latest requests that the own listener has received
	marked   map[string]*marks // by the mark of each request of the latest probe; nil if there was none
}

// marks is what the own listener has seen of one request of a probe.
type marks struct {
	id          string
	there, back bool // over a rendezvous
	answered    bool
}

// maxHeard is how many requests are remembered: more than can be pending for
// a sender that sends one at a time, among others.
const maxHeard = 256

// Requests returns where the latest request stands.
func (s *Session) Requests() RequestStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests.status
}

// Probe returns where the probe of sizes stands.
func (s *Session) Probe() ProbeStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.requests.probe
	st.Trials = slices.Clone(st.Trials)
	for i := range st.Trials {
		if m := s.requests.marked[st.Trials[i].Mark]; m != nil && m.answered {
			st.Trials[i].Told(m.there, m.back)
		}
	}
	return st
}

// SendRequest sends an HTTP request through the relay.
func (s *Session) SendRequest(r request.Request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.life.Err() != nil {
		return relayclient.ErrClosed
	}
	if s.requests.cancel != nil {
		return ErrRequestPending
	}
	ctx, cancel := context.WithCancelCause(s.life)
	s.requests.cancel = cancel
	s.numbered++
	st := RequestStatus{Number: s.numbered, Since: time.Now(), Request: r, id: rand.Text()}
	s.requests.status = st
	s.requests.sent.add(st.id, r)
	p := s.profile
	s.work.Go(func() {
		defer cancel(nil)
		s.exchange(ctx, p, st)
	})
	return nil
}

// CancelRequest gives up waiting for the answer, or ends the probe.
func (s *Session) CancelRequest() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.requests.cancel != nil {
		s.requests.cancel(errStopped)
	}
}

// exchange sends one request and waits for its answer.
func (s *Session) exchange(ctx context.Context, p profiles.Profile, st RequestStatus) {
	s.journal.Append(sentRequestRow(st))
	s.notify()
	client, err := s.requester(ctx, p)
	a := request.Answer{Start: st.Since, Err: err}
	if err == nil {
		a = client.Do(ctx, st.Request)
	} else {
		a.Took, a.Canceled = time.Since(st.Since), ctx.Err() != nil
	}
	s.mu.Lock()
	st.Answer, st.Verdict = &a, a.Judge(s.evidence(&a))
	s.requests.answered = s.requests.answered || a.By == request.Listener
	s.requests.cancel, s.requests.status = nil, st
	s.mu.Unlock()
	s.journal.Append(receivedAnswerRow(st))
	s.notify()
}

// evidence is what the session knows beside an answer. The caller holds the
// lock.
func (s *Session) evidence(a *request.Answer) request.Evidence {
	e := request.Evidence{AnsweredBefore: s.requests.answered}
	id, _, _ := strings.Cut(a.TrackingID, "_")
	for _, heard := range s.requests.heard {
		e.ListenerHasIt = e.ListenerHasIt || id != "" && strings.EqualFold(heard, id)
	}
	return e
}

// requester returns the client for a profile. Its connections are kept until
// the profile changes or the session ends.
func (s *Session) requester(ctx context.Context, p profiles.Profile) (*request.Client, error) {
	s.mu.Lock()
	kept := s.requests.client
	if kept != nil && s.requests.used.SameConnection(p) {
		s.mu.Unlock()
		return kept, nil
	}
	s.mu.Unlock()
	cfg, err := s.resolve(ctx, p, relayclient.Sending)
	if err != nil {
		return nil, err
	}
	client, err := request.NewClient(cfg)
	if err != nil {
		return nil, err
	}
	if kept != nil {
		kept.Close()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests.client, s.requests.used, s.requests.answered = client, p, false
	return client, nil
}

// closeRequester drops the connections that are kept. Nothing is pending.
func (s *Session) closeRequester() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.requests.client != nil {
		s.requests.client.Close()
		s.requests.client = nil
	}
}

// StartProbe sends bodies of the sizes around the limit between control channel
// and rendezvous, to the target and with the header of r.
func (s *Session) StartProbe(r request.Request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.life.Err() != nil {
		return relayclient.ErrClosed
	}
	if s.requests.cancel != nil {
		return ErrRequestPending
	}
	ctx, cancel := context.WithCancelCause(s.life)
	s.requests.cancel = cancel
	s.requests.probe = ProbeStatus{Running: true, Since: time.Now()}
	s.requests.marked = map[string]*marks{}
	p := s.profile
	s.work.Go(func() {
		defer cancel(nil)
		s.probe(ctx, p, r)
		s.mu.Lock()
		s.requests.cancel, s.requests.probe.Running = nil, false
		s.mu.Unlock()
		s.notify()
	})
	return nil
}

func (s *Session) probe(ctx context.Context, p profiles.Profile, r request.Request) {
	client, err := s.requester(ctx, p)
	if err != nil {
		t := request.Trial{Size: request.ProbeSizes[0], Request: r, Answer: request.Answer{Err: err, Canceled: ctx.Err() != nil}}
		t.Verdict = t.Answer.Judge(request.Evidence{})
		t.Problem = t.Verdict.Title
		s.tried(t)
		return
	}
	client.Probe(ctx, r, func(t request.Trial) { s.tried(t) })
}

// tried takes one trial of the probe.
func (s *Session) tried(t request.Trial) {
	s.mu.Lock()
	s.requests.probe.Trials = append(s.requests.probe.Trials, t)
	s.requests.sent.add(t.Mark, t.Request)
	s.numbered++
	number := s.numbered
	s.mu.Unlock()
	st := RequestStatus{Number: number, Since: t.Answer.Start, Request: t.Request, Answer: &t.Answer, Verdict: t.Verdict, id: t.Mark}
	row := receivedAnswerRow(st)
	row.Text = exactly(t.Size) + " probed: " + row.Text
	s.journal.Append(row)
	s.notify()
}

// heardRequest takes what the own listener tells of a request. The caller
// holds the lock.
func (s *Session) heardRequest(ev relayclient.Event) {
	switch ev.Kind {
	case relayclient.RequestReceived:
		s.requests.heard = append(s.requests.heard, ev.Connection)
		if over := len(s.requests.heard) - maxHeard; over > 0 {
			s.requests.heard = s.requests.heard[over:]
		}
		if s.requests.marked != nil && len(s.requests.marked) < len(request.ProbeSizes) {
			if mark := ev.Request.Header.Get(request.ProbeHeader); mark != "" {
				s.requests.marked[mark] = &marks{id: ev.Connection, there: ev.Request.Rendezvous}
			}
		}
	case relayclient.ResponseSent:
		for _, m := range s.requests.marked {
			if m.id == ev.Connection {
				m.back, m.answered = ev.Rendezvous, true
			}
		}
	}
}

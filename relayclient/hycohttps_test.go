package relayclient_test

import (
	"net/http"
	"strconv"
	"testing"

	"relayscope/relayclient"
)

// hycoHTTPS plays both roles with Microsoft's client for HTTP.
type hycoHTTPS struct{ microsoft }

func (h hycoHTTPS) startListener(t *testing.T, cfg relayclient.Config, settings ...string) *nodeProcess {
	return h.start(t, "hyco-https/listener.js", cfg, settings...)
}

func (h hycoHTTPS) serve(t *testing.T, cfg relayclient.Config, listeners int) (online func()) {
	p := h.startListener(t, cfg, "RELAY_LISTENERS="+strconv.Itoa(listeners))
	for range listeners {
		p.await(t, "listening")
	}
	return func() {
		t.Helper()
		seen := map[string]int{} // one may be back before the other is lost
		for range 2 * listeners {
			seen[p.await(t, "lost", "listening").Event]++
		}
		if seen["listening"] != listeners {
			t.Errorf("Node reports %v, want each %d times", seen, listeners)
		}
	}
}

// target returns what a listener's application sees of what a sender asks for.
func (hycoHTTPS) target(cfg relayclient.Config, asked string) string {
	return "/" + cfg.HybridConnection + asked
}

func (h hycoHTTPS) sender(t *testing.T, cfg relayclient.Config) httpSender {
	return &nodeSender{h.start(t, "hyco-https/sender.js", cfg), 0, map[int]httpAnswer{}}
}

// A nodeSender sends HTTP requests from Node.
type nodeSender struct {
	*nodeProcess
	last    int // id of a request
	answers map[int]httpAnswer
}

func (s *nodeSender) send(t *testing.T, x exchange) func() httpAnswer {
	t.Helper()
	s.last++
	id := s.last
	s.tell(t, struct {
		ID      int         `json:"id"`
		Method  string      `json:"method"`
		Target  string      `json:"target"`
		Headers http.Header `json:"headers"`
		Carrier string      `json:"carrier"`
		Length  int         `json:"length"`
		Chunked bool        `json:"chunked"`
		Seed    int         `json:"seed"`
	}{id, x.method, x.target, x.header(), x.tokenIn(), x.length, x.chunked, x.seed()})
	return func() httpAnswer {
		t.Helper()
		for {
			if answer, ok := s.answers[id]; ok {
				delete(s.answers, id)
				return answer
			}
			report := s.await(t, "answer")
			s.answers[report.ID] = report.httpAnswer
		}
	}
}

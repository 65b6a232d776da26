package relayclient_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
)

func (ours) serve(t *testing.T, cfg relayclient.Config, listeners int) (online func()) {
	t.Helper()
	var states []chan relayclient.Event
	for number := range listeners {
		changes := make(chan relayclient.Event, 64)
		cfg.OnEvent = func(ev relayclient.Event) {
			if ev.Kind == relayclient.StateChanged {
				changes <- ev
			}
		}
		cfg.Handler, cfg.Timing = answering(number+1), quick
		listen(t, cfg)
		await(t, changes, "online", state(relayclient.Online))
		states = append(states, changes)
	}
	return func() {
		t.Helper()
		for _, changes := range states {
			await(t, changes, "online again", state(relayclient.Online))
		}
	}
}

// target returns what a handler sees: not the hybrid connection's name, and
// never an empty path.
func (ours) target(_ relayclient.Config, asked string) string {
	if !strings.HasPrefix(asked, "/") {
		return "/" + asked
	}
	return asked
}

// answering does as the header X-Answer says.
func answering(number int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var asked answerAsked
		err := json.Unmarshal([]byte(r.Header.Get("X-Answer")), &asked)
		var body, seen []byte
		if err == nil {
			body, err = io.ReadAll(r.Body)
		}
		if err == nil {
			headers := lowered(r.Header)
			headers["host"] = r.Host
			seen, err = json.Marshal(requestSeen{
				Listener: number, Method: r.Method, Target: r.URL.RequestURI(), Headers: headers,
				Length: len(body), SHA256: digest(body),
			})
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		late := time.NewTimer(time.Duration(asked.Late) * time.Millisecond)
		defer late.Stop()
		select {
		case <-late.C:
		case <-r.Context().Done():
			return
		}
		w.Header().Set("X-Seen", string(seen))
		for name, value := range asked.Headers {
			w.Header()[name] = []string{fmt.Sprint(value)}
		}
		w.WriteHeader(asked.Status)
		content := noise(asked.Seed, asked.Length)
		if !asked.Pieces {
			w.Write(content)
			return
		}
		for _, part := range pieces(content) {
			w.Write(part)
			if err := http.NewResponseController(w).Flush(); err != nil {
				panic(err) // which breaks the answer off
			}
		}
	}
}

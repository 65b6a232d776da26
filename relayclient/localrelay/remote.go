package localrelay

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"

	"relayscope/relayclient"
)

// maxFaultText bounds the body of a request to the control endpoint.
const maxFaultText = 4 << 10

// Control returns the control endpoint: what can be done to the relay and
// asked of it, over HTTP. Answers are JSON.
//
//	POST /faults      inject the fault that the body has as text: {"hit": n, "armed": […]}
//	GET /faults       what is armed: {"armed": […]}
//	DELETE /faults    ClearFaults: {"armed": []}
//	GET /deviations   {"deviations": […]}, each as a Deviation
//	GET /entities     {"entities": […]}, with their listeners, waiting senders and connections
//
// Each request needs the header "Authorization: Bearer" with token, or it gets
// 401. One whose Host is not a loopback address gets 403: it comes from a web
// page that had its own name point here. Errors are {"error": "…"}. An empty
// token admits nobody. The handler must be served on the loopback interface
// only.
func (r *Relay) Control(token relayclient.Secret) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /faults", r.postFault)
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, r.armed()) })
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, _ *http.Request) {
		r.ClearFaults()
		writeJSON(w, http.StatusOK, r.armed())
	})
	mux.HandleFunc("GET /deviations", func(w http.ResponseWriter, _ *http.Request) {
		list := r.Deviations()
		if list == nil {
			list = []Deviation{}
		}
		writeJSON(w, http.StatusOK, map[string]any{"deviations": list})
	})
	mux.HandleFunc("GET /entities", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]any{"entities": r.entityStates()})
	})
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		switch {
		case !loopbackHost(req.Host):
			writeError(w, http.StatusForbidden, "the Host is not a loopback address")
		case !admitted(req, token):
			w.Header().Set("WWW-Authenticate", "Bearer")
			writeError(w, http.StatusUnauthorized, "the header Authorization must have the word Bearer and the control endpoint's token")
		default:
			mux.ServeHTTP(w, req)
		}
	})
}

func loopbackHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]")
	}
	ip := net.ParseIP(host)
	return strings.EqualFold(host, hostName) || ip != nil && ip.IsLoopback()
}

// admitted compares hashes, which are all of one length.
func admitted(req *http.Request, token relayclient.Secret) bool {
	header := req.Header.Get("Authorization")
	got, want := sha256.Sum256([]byte(bare(header))), sha256.Sum256([]byte(token.Reveal()))
	return !token.Empty() && bearer(header) && subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

func (r *Relay) postFault(w http.ResponseWriter, req *http.Request) {
	text, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxFaultText))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		writeError(w, http.StatusRequestEntityTooLarge, "a fault is one short line of text")
		return
	case err != nil:
		return // the client has left
	}
	f, err := ParseFault(string(text))
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	hit, err := r.Inject(f)
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	answer := r.armed()
	answer["hit"] = hit
	writeJSON(w, http.StatusOK, answer)
}

func (r *Relay) armed() map[string]any {
	texts := []string{}
	for _, f := range r.Faults() {
		texts = append(texts, f.String())
	}
	return map[string]any{"armed": texts}
}

type entityState struct {
	Name        string `json:"name"`
	Anonymous   bool   `json:"anonymous"`
	Listeners   int    `json:"listeners"`
	Waiting     int    `json:"waiting"`
	Connections int    `json:"connections"`
}

func (r *Relay) entityStates() []entityState {
	list := []entityState{}
	for _, e := range r.Entities() {
		list = append(list, entityState(e))
	}
	return list
}

func writeError(w http.ResponseWriter, status int, text string) {
	writeJSON(w, status, map[string]string{"error": text})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A client that has left has no use for the error.
	_, _ = w.Write(append(encode(v), '\n'))
}

package relayclient_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// An exchange is one HTTP request and the answer that it asks for.
type exchange struct {
	method  string
	target  string      // after the hybrid connection's name
	headers http.Header // of the request
	carrier string      // of the token: "" or "header", "query", "none"
	length  int         // of the request's body; -1 for none
	chunked bool        // the request's body has no Content-Length
	answer  answerAsked
}

// answerAsked is what the header X-Answer tells a listener to send.
type answerAsked struct {
	Status  int            `json:"status"`
	Reason  string         `json:"reason,omitempty"` // of hyco-https only
	Headers map[string]any `json:"headers,omitempty"`
	Length  int            `json:"length"`
	Pieces  bool           `json:"pieces,omitempty"` // the body is written bit by bit
	Seed    int            `json:"seed"`
	Late    int            `json:"late,omitempty"` // milliseconds to wait first

	Unfinished bool `json:"unfinished,omitempty"` // the body never ends; of hyco-https only
}

// requestSeen is what a listener saw of a request, from the header X-Seen.
type requestSeen struct {
	Listener int               `json:"listener"` // which one, from 1
	Method   string            `json:"method"`
	Target   string            `json:"target"`
	Headers  map[string]string `json:"headers"` // by their names in lower case
	Length   int               `json:"length"`
	SHA256   string            `json:"sha256"`
}

// An httpAnswer is what a sender got.
type httpAnswer struct {
	Status  int
	Reason  string
	Headers map[string]string // by their names in lower case
	Length  int               // of the body
	SHA256  string            // likewise
}

func (x exchange) tokenIn() string {
	if x.carrier == "" {
		return "header"
	}
	return x.carrier
}

// seed makes the noise that is the request's body.
func (x exchange) seed() int { return x.answer.Seed + 1 }

func (x exchange) header() http.Header {
	header := x.headers.Clone()
	if header == nil {
		header = http.Header{}
	}
	text, err := json.Marshal(x.answer)
	if err != nil {
		panic(err)
	}
	header["X-Answer"] = []string{string(text)}
	return header
}

// check compares an answer with what was asked for, both bodies included, and
// returns what the listener saw.
func (x exchange) check(t *testing.T, got httpAnswer, namespace, target string) requestSeen {
	t.Helper()
	reason := x.answer.Reason
	if reason == "" {
		reason = http.StatusText(x.answer.Status)
	}
	if got.Status != x.answer.Status || got.Reason != reason {
		t.Errorf("answered with %d %q, want %d %q", got.Status, got.Reason, x.answer.Status, reason)
	}
	if want := "1.1 " + namespace; got.Headers["via"] != want {
		t.Errorf("Via is %q, want %q", got.Headers["via"], want)
	}
	length := x.answer.Length
	if x.method == http.MethodHead {
		length = 0
	}
	wantBody(t, "answer", got.Length, got.SHA256, noise(x.answer.Seed, length))
	var seen requestSeen
	if err := json.Unmarshal([]byte(got.Headers["x-seen"]), &seen); err != nil {
		t.Fatalf("X-Seen is %q: %v", got.Headers["x-seen"], err)
	}
	if seen.Method != x.method || seen.Target != target {
		t.Errorf("the listener saw %s %s, want %s %s", seen.Method, seen.Target, x.method, target)
	}
	wantBody(t, "request", seen.Length, seen.SHA256, noise(x.seed(), max(x.length, 0)))
	return seen
}

func wantBody(t *testing.T, what string, length int, hash string, want []byte) {
	t.Helper()
	if length != len(want) || hash != digest(want) {
		t.Errorf("the %s has %d bytes with SHA-256 %s, want %d with %s", what, length, hash, len(want), digest(want))
	}
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// noise returns bytes without a pattern, the same ones as the function of that
// name in testdata.
func noise(seed, length int) []byte {
	key := make([]byte, 16)
	key[0], key[1] = byte(seed>>8), byte(seed)
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	data := make([]byte, length)
	cipher.NewCTR(block, make([]byte, 16)).XORKeyStream(data, data)
	return data
}

// pieces cuts a body into parts of unequal size.
func pieces(body []byte) [][]byte {
	third := (len(body) + 2) / 3
	var parts [][]byte
	for _, part := range [][]byte{body[:third], body[third:min(third+1, len(body))], body[min(third+1, len(body)):]} {
		if len(part) > 0 {
			parts = append(parts, part)
		}
	}
	return parts
}

// lowered returns headers by their names in lower case, with repeated ones
// joined.
func lowered(header http.Header) map[string]string {
	lower := map[string]string{}
	for name, values := range header {
		lower[strings.ToLower(name)] = strings.Join(values, ",")
	}
	return lower
}

func (x exchange) String() string {
	request := "without a body"
	if x.length >= 0 {
		request = fmt.Sprint("with ", x.length, " bytes")
	}
	if x.chunked {
		request += " in chunks"
	}
	answer := fmt.Sprint(x.answer.Status, " with ", x.answer.Length, " bytes")
	if x.answer.Pieces {
		answer += " in pieces"
	}
	return x.method + " " + request + ", " + answer
}

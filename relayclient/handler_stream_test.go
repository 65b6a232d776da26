package relayclient_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
)

// never is a wait that a test does not live to see.
const never = time.Hour

// echo sends back what comes as it comes.
func echo(t *testing.T) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		if err := control.EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		buf := make([]byte, 32<<10)
		for {
			n, err := r.Body.Read(buf)
			if _, err := w.Write(buf[:n]); err != nil {
				t.Error(err)
				return
			}
			if err := control.Flush(); err != nil {
				t.Error(err)
			}
			if err != nil {
				if err != io.EOF {
					t.Error(err)
				}
				return
			}
		}
	}
}

// The sender reads each piece before it writes the next one.
func TestStreamingBothWaysAtOnce(t *testing.T) {
	client, events := serveHTTP(t, echo(t), relayclient.Timing{Flush: never})
	r, w := io.Pipe()
	answered := make(chan *http.Response, 1)
	go func() { answered <- do(t, client, "POST", "/", r) }()
	var resp *http.Response
	for _, size := range []int{1, 125, 126, 32 << 10, 65536, 200_000, 7} {
		piece := random(size)
		wrote := make(chan error, 1)
		go func() { _, err := io.WriteString(w, piece); wrote <- err }()
		if resp == nil {
			resp = <-answered
		}
		got := make([]byte, size)
		if _, err := io.ReadFull(resp.Body, got); err != nil || string(got) != piece {
			t.Fatalf("%d bytes came back wrong: %v", size, err)
		}
		if err := <-wrote; err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	if rest := readAll(t, resp.Body); rest != "" {
		t.Errorf("%d bytes too many", len(rest))
	}
	if out := await(t, events, "response", kind(relayclient.ResponseSent)); out.Bytes != 1+125+126+32<<10+65536+200_000+7 || !out.Rendezvous {
		t.Errorf("told: %+v", out)
	}
}

// What is written reaches the sender while the handler still runs: as soon as
// it flushes, or after a while by itself.
func TestAnswerArrivesEarly(t *testing.T) {
	for name, tt := range map[string]struct {
		flush bool
		after time.Duration
		first string
	}{
		"flushed":              {true, never, "first"},
		"flushed without body": {true, never, ""},
		"after a while":        {false, time.Millisecond, "first"},
	} {
		t.Run(name, func(t *testing.T) {
			proceed := make(chan struct{})
			client, events := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Early", "yes")
				io.WriteString(w, tt.first)
				w.Header().Set("X-Late", "yes")
				if tt.flush {
					w.(http.Flusher).Flush()
				}
				select {
				case <-proceed:
				case <-r.Context().Done():
					t.Error(r.Context().Err())
				}
				io.WriteString(w, "second")
			}, relayclient.Timing{Flush: tt.after})
			resp := do(t, client, "GET", "/", nil)
			if resp.Header.Get("X-Early") != "yes" || resp.Header.Get("X-Late") != "" {
				t.Errorf("header %v", resp.Header)
			}
			first := make([]byte, len(tt.first))
			if _, err := io.ReadFull(resp.Body, first); err != nil || string(first) != tt.first {
				t.Errorf("first %q, %v", first, err)
			}
			close(proceed)
			if got := readAll(t, resp.Body); got != "second" {
				t.Errorf("then %q", got)
			}
			if out := await(t, events, "response", kind(relayclient.ResponseSent)); !out.Rendezvous || out.Phases.Upgrade <= 0 {
				t.Errorf("told: %+v", out)
			}
		})
	}
}

// A sender that does not read makes the handler wait, and one that leaves
// ends the request.
func TestSenderThatStopsReading(t *testing.T) {
	failed := make(chan error, 1)
	client, events := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		piece := []byte(random(1 << 20))
		for range 1 << 10 {
			if _, err := w.Write(piece); err != nil {
				failed <- err
				<-r.Context().Done()
				return
			}
		}
		t.Error("a gigabyte was taken")
	}, relayclient.Timing{})
	resp := do(t, client, "GET", "/", nil)
	if _, err := io.ReadFull(resp.Body, make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	select {
	case <-failed:
	case <-time.After(20 * time.Second):
		t.Fatal("the handler still writes")
	}
	if out := await(t, events, "failure", kind(relayclient.RequestFailed)); out.Err == nil || out.Code != 200 || !out.Rendezvous || out.Bytes < 1<<20 {
		t.Errorf("told: %+v", out)
	}
}

// A handler that does not care for the body may answer before it has come.
func TestBodyNobodyReads(t *testing.T) {
	client, events := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(413)
		io.WriteString(w, "too much")
	}, relayclient.Timing{})
	for _, size := range []int{5, 100_000, 8 << 20} {
		resp := do(t, client, "POST", "/", bytes.NewReader(make([]byte, size)))
		if got := readAll(t, resp.Body); resp.StatusCode != 413 || got != "too much" {
			t.Errorf("%d bytes: %s %q", size, resp.Status, got)
		}
		await(t, events, "response", kind(relayclient.ResponseSent))
	}
}

// An upload that the sender breaks off is not taken for complete.
func TestUploadBrokenOff(t *testing.T) {
	read := make(chan error, 1)
	client, events := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		read <- err
		<-r.Context().Done()
	}, relayclient.Timing{})
	broken := errors.New("broken off")
	r, w := io.Pipe()
	go func() {
		io.WriteString(w, strings.Repeat("x", 1000))
		w.CloseWithError(broken)
	}()
	if _, err := client.Post("https://any/", "", r); !errors.Is(err, broken) {
		t.Errorf("Post error = %v", err)
	}
	if err := <-read; err == nil {
		t.Error("the handler read to the end")
	}
	if out := await(t, events, "failure", kind(relayclient.RequestFailed)); out.Err == nil || out.Code != 0 {
		t.Errorf("told: %+v", out)
	}
}

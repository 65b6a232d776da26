package live

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/journal"
)

// A served is a request that the listener answers, until its response is in the
// message log. The events of the client tell of both, but for the bodies and the
// headers of the response.
type served struct {
	row    journal.Row // of the request
	told   bool        // it is in the log
	in     kept        // the body of a request that came over a rendezvous
	out    kept
	header http.Header // of the response
}

// record puts a row into the message log. That of a request waits for its body
// if that has come along with it, and that of a response gets its body.
func (s *Session) record(ev relayclient.Event, row journal.Row) {
	if ev.Role != relayclient.Listening {
		s.journal.Append(row)
		return
	}
	switch ev.Kind {
	case relayclient.RequestReceived:
		x := &served{row: row, told: ev.Request.Rendezvous}
		s.mu.Lock()
		s.serving[ev.Connection] = x
		s.mu.Unlock()
		if !x.told {
			return
		}
	case relayclient.ResponseSent, relayclient.RequestFailed:
		s.mu.Lock()
		x := s.serving[ev.Connection]
		delete(s.serving, ev.Connection)
		s.mu.Unlock()
		if x == nil {
			break
		}
		if !x.told { // no handler has seen it
			s.journal.Append(x.row)
		}
		body := journal.Row{
			Time: time.Now(), Lane: row.Lane, Kind: journal.Data, Direction: journal.In, Type: "body", Connection: row.Connection,
			Facts: &journal.Facts{Method: x.row.Facts.Method},
		}
		if x.in.fill(&body); body.Size > 0 {
			s.journal.Append(body)
		}
		if ev.Kind == relayclient.ResponseSent {
			addHeader(&row, x.header)
			x.out.fill(&row)
		}
	}
	s.journal.Append(row)
}

// recorded notes the bodies of what a handler serves.
func (s *Session) recorded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		s.mu.Lock()
		x := s.serving[relayclient.RequestID(req)]
		s.mu.Unlock()
		switch {
		case x == nil:
			next.ServeHTTP(w, req)
			return
		case !x.told: // its body is in memory
			data, _ := io.ReadAll(req.Body)
			var body kept
			body.add(data)
			body.fill(&x.row)
			req.Body = io.NopCloser(bytes.NewReader(data))
			if len(data) == 0 {
				req.Body = http.NoBody
			}
			x.told = true
			s.journal.Append(x.row)
		default:
			req.Body = &keptBody{req.Body, &x.in}
		}
		next.ServeHTTP(&keptResponse{ResponseWriter: w, served: x}, req)
	})
}

// kept is the beginning of a body. A proxy may still read the one of a request
// when its response is complete.
type kept struct {
	mu   sync.Mutex
	data []byte
	size int64
}

func (k *kept) add(p []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.size += int64(len(p))
	k.data = append(k.data, p[:min(len(p), bodyKept-len(k.data))]...)
}

// fill puts the body into a row.
func (k *kept) fill(row *journal.Row) {
	k.mu.Lock()
	defer k.mu.Unlock()
	row.Payload, row.Size = slices.Clone(k.data), k.size
	row.Truncated = int64(len(k.data)) < k.size
	if row.Facts != nil {
		facts := *row.Facts
		facts.BinaryBody = !isText(k.data, row.Truncated)
		row.Facts = &facts
	}
}

type keptBody struct {
	io.ReadCloser
	kept *kept
}

func (b *keptBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.kept.add(p[:n])
	return n, err
}

type keptResponse struct {
	http.ResponseWriter
	served *served
	begun  bool
}

// WriteHeader notes the headers as they are sent.
func (w *keptResponse) WriteHeader(status int) {
	if status >= 200 && !w.begun {
		w.begun = true
		w.served.header = w.Header().Clone()
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *keptResponse) Write(p []byte) (int, error) {
	if !w.begun {
		w.begun = true
		w.served.header = w.Header().Clone()
	}
	n, err := w.ResponseWriter.Write(p)
	w.served.out.add(p[:n])
	return n, err
}

// Unwrap lets http.ResponseController find what can flush.
func (w *keptResponse) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush sends what is buffered.
func (w *keptResponse) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

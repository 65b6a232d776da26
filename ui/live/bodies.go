package live

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"relayscope/relayclient"
	"relayscope/relayclient/journal"
)

// maxBody is how much of a body the message log keeps.
const maxBody = 256 << 10

// recorded puts the bodies of requests and of their responses into the message
// log, as far as they are read and written.
func (s *Session) recorded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var in, out kept
		s.mu.Lock()
		number := s.numbers[relayclient.RequestID(req)]
		s.mu.Unlock()
		if req.Body != nil && req.Body != http.NoBody {
			req.Body = &keptBody{req.Body, &in}
		}
		defer func() { // it may panic to break the response off
			s.body(number, journal.In, &in)
			s.body(number, journal.Out, &out)
		}()
		next.ServeHTTP(&keptResponse{w, &out}, req)
	})
}

func (s *Session) body(number int, d journal.Direction, k *kept) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.size == 0 {
		return
	}
	row := journal.Row{
		Time: time.Now(), Lane: journal.Listener, Kind: journal.Data, Direction: d, Type: "body", Connection: fmt.Sprintf("#%d", number),
		Size: k.size, Payload: slices.Clip(k.data), Truncated: int64(len(k.data)) < k.size,
	}
	if !text(k.data, row.Truncated) {
		row.Type = "binary"
	}
	s.journal.Append(row)
}

// text reports whether data is text, of which the last character may be cut.
func text(data []byte, cut bool) bool {
	for range utf8.UTFMax {
		if utf8.Valid(data) {
			return true
		}
		if !cut || len(data) == 0 {
			return false
		}
		data = data[:len(data)-1]
	}
	return false
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
	k.data = append(k.data, p[:min(len(p), maxBody-len(k.data))]...)
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
	kept *kept
}

func (w *keptResponse) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.kept.add(p[:n])
	return n, err
}

// Unwrap lets http.ResponseController find what can flush.
func (w *keptResponse) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush sends what is buffered.
func (w *keptResponse) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

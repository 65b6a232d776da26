package live

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/journal"
)

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
			s.body(req, number, journal.In, &in)
			s.body(req, number, journal.Out, &out)
		}()
		next.ServeHTTP(&keptResponse{w, &out}, req)
	})
}

func (s *Session) body(req *http.Request, number int, d journal.Direction, k *kept) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.size == 0 {
		return
	}
	cut := int64(len(k.data)) < k.size
	row := journal.Row{
		Time: time.Now(), Lane: journal.Listener, Kind: journal.Data, Direction: d, Type: "body", Connection: fmt.Sprintf("#%d", number),
		Size: k.size, Payload: slices.Clip(k.data), Truncated: cut,
		Facts: &journal.Facts{Method: req.Method, BinaryBody: !isText(k.data, cut)},
	}
	s.journal.Append(row)
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

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"relayscope/relayclient"
)

// The headers that a request and its response have.
const (
	headerSender = "Soak-Sender"
	headerNumber = "Soak-Number" // of the request, among those of its sender
	headerSum    = "Soak-Sum"    // of the body
	headerLength = "Soak-Length"
	headerGot    = "Soak-Got" // bytes of the request's body that the handler has read
)

// request sends one request and checks the answer.
func (s *sender) request(ctx context.Context, which int) {
	name, handler := hybridConnections[which].name, hybridConnections[which].handler
	ctx, cancel := context.WithTimeoutCause(ctx, s.r.wait(patience), errHangs)
	defer cancel()
	ctx, leave := context.WithCancelCause(ctx)
	defer leave(nil)
	if s.rng.IntN(15) == 0 {
		timer := time.AfterFunc(time.Duration(s.rng.IntN(100))*time.Millisecond, func() { leave(errLeft) })
		defer timer.Stop()
	}
	req, length := s.newRequest(ctx)
	s.r.handled.begin(s.index, s.number)
	resp, err := s.clients[which].Do(req)
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		s.r.reason("requests without an answer", name, relayclient.Sending, err, true)
		return
	}
	switch {
	case relayclient.AnsweredByRelay(resp):
		if err := relayclient.RelayError(resp); err != nil {
			s.r.reason("requests refused by the relay", name, relayclient.Sending, err, true)
			return
		}
		s.r.findings.add("sender %d: the relay itself answered %d", s.index, resp.StatusCode)
		return
	case !handler && resp.StatusCode == http.StatusNotImplemented:
		s.r.tally.add("requests", "501 of a listener without a handler")
		resp.Body.Close()
		return
	case !handler || resp.StatusCode != http.StatusOK:
		words, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
		s.r.findings.add("sender %d: a listener on %s answered %s: %s", s.index, name, resp.Status, words)
		resp.Body.Close()
		return
	}
	s.check(ctx, name, req, length, resp)
}

// newRequest makes a random request, and returns how long its body is.
func (s *sender) newRequest(ctx context.Context) (*http.Request, int) {
	method := one(s.rng, http.MethodGet, http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, "REPORT")
	var body []byte
	if method != http.MethodGet && method != http.MethodHead {
		body = slice(s.rng, true, sizeOf(s.rng))
	}
	query := url.Values{
		"size": {strconv.Itoa(sizeOf(s.rng))},
		"way":  {one(s.rng, "whole", "whole", "flush", "slow")},
	}
	req, err := http.NewRequestWithContext(ctx, method, "https://any/soak?"+query.Encode(), nil)
	if err != nil {
		panic(err) // nothing in it can be wrong
	}
	if len(body) > 0 {
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		if s.rng.IntN(3) == 0 {
			req.ContentLength = -1 // chunked
		}
	}
	req.Header.Set(headerSender, strconv.Itoa(s.index))
	req.Header.Set(headerNumber, strconv.FormatUint(uint64(s.number), 10))
	req.Header.Set(headerSum, sumText(crc32.ChecksumIEEE(body)))
	req.Header.Set(headerLength, strconv.Itoa(len(body)))
	return req, len(body)
}

func sumText(sum uint32) string { return strconv.FormatUint(uint64(sum), 16) }

// check reads a handler's response.
func (s *sender) check(ctx context.Context, name string, req *http.Request, length int, resp *http.Response) {
	defer resp.Body.Close()
	hash := crc32.NewIEEE()
	n, err := io.Copy(hash, resp.Body)
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		s.r.reason("answers cut short", name, relayclient.Sending, err, true)
		return
	}
	want := resp.Header.Get(headerLength)
	if req.Method == http.MethodHead {
		want = "0"
	} else if got := sumText(hash.Sum32()); got != resp.Header.Get(headerSum) {
		s.r.findings.add("sender %d: the checksum of an answer is %s, want %s", s.index, got, resp.Header.Get(headerSum))
	}
	if got := strconv.FormatInt(n, 10); got != want {
		s.r.findings.add("sender %d: the answer has %s bytes, want %s", s.index, got, want)
	}
	if got := resp.Header.Get(headerGot); got != strconv.Itoa(length) {
		s.r.findings.add("sender %d: the handler has got %s of %d bytes", s.index, got, length)
	}
	// Only what a client may repeat may come twice.
	if times := s.r.handled.end(s.index); times != 1 && (times == 0 || length > 0) {
		s.r.findings.add("sender %d: a request with %d bytes was handled %d times", s.index, length, times)
	}
	s.r.tally.add("requests", "200")
}

// ServeHTTP answers requests: it checks the body and sends as many bytes as
// asked for, in the way asked for.
func (l *listener) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	index, err1 := strconv.Atoi(req.Header.Get(headerSender))
	number, err2 := strconv.ParseUint(req.Header.Get(headerNumber), 10, 32)
	size, err3 := strconv.Atoi(req.URL.Query().Get("size"))
	if err := errors.Join(err1, err2, err3); err != nil || size > largest {
		l.r.findings.add("listener %d got a request that no sender has sent: %s: %v", l.index, req.URL, err)
		return
	}
	l.r.handled.seen(index, uint32(number))
	hash := crc32.NewIEEE()
	n, err := io.Copy(hash, req.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // it is lost, or its sender is
	}
	if got := sumText(hash.Sum32()); got != req.Header.Get(headerSum) || strconv.FormatInt(n, 10) != req.Header.Get(headerLength) {
		l.r.findings.add("listener %d got %d bytes with the checksum %s, want %s with %s",
			l.index, n, got, req.Header.Get(headerLength), req.Header.Get(headerSum))
	}
	body := slice(rand.New(rand.NewPCG(uint64(index), number)), true, size)
	w.Header().Set(headerSum, sumText(crc32.ChecksumIEEE(body)))
	w.Header().Set(headerLength, strconv.Itoa(len(body)))
	w.Header().Set(headerGot, fmt.Sprint(n))
	l.answer(w, req, body)
}

// answer writes a body. The way is whole, flush (piece by piece) or slow
// (likewise, with pauses).
func (l *listener) answer(w http.ResponseWriter, req *http.Request, body []byte) {
	way := req.URL.Query().Get("way")
	piece := len(body)
	if way != "whole" {
		piece = len(body)/5 + 1
	}
	for len(body) > 0 {
		n, err := w.Write(body[:min(piece, len(body))])
		if err != nil {
			return // the event tells
		}
		body = body[n:]
		if way == "whole" {
			continue
		}
		if http.NewResponseController(w).Flush() != nil {
			return
		}
		if way == "slow" {
			timer := time.NewTimer(100 * time.Millisecond)
			select {
			case <-timer.C:
			case <-req.Context().Done():
			}
			timer.Stop()
		}
	}
}

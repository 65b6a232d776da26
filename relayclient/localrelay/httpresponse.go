package localrelay

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// A delivery is a listener's answer on its way to the sender.
type delivery struct {
	h      *handshake
	res    *response
	header http.Header
	length int64 // of the body; -1 if it is not known yet
	whole  bool  // the sender's request has been read to its end
}

// pass delivers an answer that came over a control channel.
func (x *exchange) pass(res *response, body []byte) {
	x.inspect(res)
	header, ok := responseHeaders(res, x.h.req.Method, x.via())
	if !ok {
		x.deviates(breachHeaderSize)
		x.h.fail(brokenAnswer)
		return
	}
	// A request that is fetched may be answered before it is.
	whole := !x.fetched || x.h.req.ContentLength == 0
	d := delivery{x.h, res, header, int64(len(body)), whole}
	if err := d.write(bytes.NewReader(body)); err != nil {
		x.h.log.Info("answer cut off", "err", err)
		panic(http.ErrAbortHandler)
	}
}

// write sends the answer. A nil body is empty. After an error the sender has
// got a part of the answer.
func (d *delivery) write(body io.Reader) error {
	d.h.log.Info("request answered", "op", d.h.req.Method, "status", int(d.res.Status))
	if d.h.req.Method == http.MethodHead || d.res.Status == http.StatusNoContent || d.res.Status == http.StatusNotModified {
		body = nil
	}
	reason := printable(d.res.Description)
	if reason == "" || reason == http.StatusText(int(d.res.Status)) || !d.whole {
		return d.keep(body)
	}
	return d.spell(reason, body)
}

// keep lets net/http write the answer, which keeps the sender's connection.
func (d *delivery) keep(body io.Reader) error {
	header := d.h.w.Header()
	for name, values := range d.header {
		header[name] = values
	}
	if d.header["Content-Type"] == nil {
		header["Content-Type"] = nil // not to be guessed
	}
	if body != nil && d.length >= 0 {
		header.Set("Content-Length", strconv.FormatInt(d.length, 10))
	}
	if !d.whole {
		// What is left of the request must not be taken for another one.
		header.Set("Connection", "close")
	}
	d.h.w.WriteHeader(int(d.res.Status))
	if body == nil {
		return nil
	}
	if d.length >= 0 {
		_, err := io.Copy(d.h.w, body) // it is in memory, and net/http sends it when it is over
		return err
	}
	c := http.NewResponseController(d.h.w)
	if err := c.Flush(); err != nil {
		return err
	}
	buf := make([]byte, maxFrame)
	for {
		n, err := body.Read(buf)
		if n > 0 {
			if _, err := d.h.w.Write(buf[:n]); err != nil {
				return err
			}
			if err := c.Flush(); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// spell writes the answer with the listener's own reason phrase, for which
// net/http has no place, and hangs up.
func (d *delivery) spell(reason string, body io.Reader) error {
	conn, _, err := http.NewResponseController(d.h.w).Hijack()
	if err != nil {
		return fmt.Errorf("take over connection: %w", err)
	}
	defer conn.Close()
	if d.header.Get("Date") == "" {
		d.header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	}
	resp := &http.Response{
		Status:        fmt.Sprintf("%03d %s", int(d.res.Status), latin1(reason)),
		StatusCode:    int(d.res.Status),
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        d.header,
		Request:       d.h.req,
		Close:         true,
		ContentLength: d.length,
	}
	if body == nil {
		resp.ContentLength = 0
		if length, err := strconv.ParseInt(d.header.Get("Content-Length"), 10, 64); err == nil {
			resp.ContentLength = length // an answer to HEAD
		}
	} else {
		resp.Body = io.NopCloser(body)
		if d.length < 0 && d.h.req.ProtoAtLeast(1, 1) {
			resp.TransferEncoding = []string{"chunked"}
		}
	}
	if err := resp.Write(conn); err != nil {
		return err
	}
	linger(conn, d.h.relay.timings.closeWait)
	return nil
}

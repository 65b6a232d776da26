package live

import (
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"relayscope/relayclient"
	"relayscope/relayclient/journal"
	"relayscope/relayclient/request"
)

// A Replay is what a row of the message log stands for, to be sent again: a
// request, or a message.
type Replay struct {
	Request *request.Request
	Message *relayclient.Message

	// Hidden says that the log has not kept all of it, because it looked like
	// credentials.
	Hidden bool
}

// Why a row cannot be sent again.
var (
	errNothingToSend = errors.New("this row is no message and no request")
	errNotWhole      = errors.New("the log has only kept the beginning of it")
	errHidden        = errors.New("the log does not keep credentials: edit it and fill them in")
)

// sentRequests are the latest requests as they were sent, credentials
// included: rows have no such thing. They live as long as the session.
type sentRequests struct {
	list  []sentRequest // the newest last
	bytes int
}

type sentRequest struct {
	id string // of the exchange
	request.Request
}

// What sentRequests hold.
const (
	maxSent      = 100
	maxSentBytes = 16 << 20
)

func (l *sentRequests) add(id string, r request.Request) {
	l.list = append(l.list, sentRequest{id, r})
	l.bytes += len(r.Body)
	for len(l.list) > maxSent || l.bytes > maxSentBytes && len(l.list) > 1 {
		l.bytes -= len(l.list[0].Body)
		l.list = slices.Delete(l.list, 0, 1)
	}
}

func (l *sentRequests) find(id string) (request.Request, bool) {
	for _, r := range slices.Backward(l.list) {
		if r.id == id {
			return r.Request, true
		}
	}
	return request.Request{}, false
}

// Replay returns what a row stands for. A response stands for its request, if
// the log still has it; pair is that row.
func (s *Session) Replay(row, pair journal.Row) (Replay, error) {
	switch {
	case row.Kind == journal.Data && row.Truncated:
		return Replay{}, errNotWhole
	case row.Kind == journal.Data:
		return Replay{Message: &relayclient.Message{Binary: row.Binary(), Data: row.Payload}}, nil
	case row.Facts == nil || row.Facts.Exchange == "":
		return Replay{}, errNothingToSend
	}
	exchange := row.Facts.Exchange
	s.mu.Lock()
	r, known := s.requests.sent.find(exchange)
	s.mu.Unlock()
	if known {
		return Replay{Request: &r}, nil
	}
	if row.Type != "request" {
		row = pair
	}
	if row.Type != "request" || row.Facts == nil || row.Facts.Exchange != exchange {
		return Replay{}, errors.New("its request is not in the log any more")
	}
	return requestIn(row)
}

// hiddenMark is what stands in the place of a credential.
const hiddenMark = "[redacted]"

// requestIn makes a request of its row.
func requestIn(row journal.Row) (Replay, error) {
	if row.Truncated {
		return Replay{}, errNotWhole
	}
	r := &request.Request{Method: row.Facts.Method, Target: row.Facts.Path, Body: row.Payload, Header: http.Header{}}
	hidden := strings.Contains(r.Target, hiddenMark)
	for _, f := range row.Facts.Header {
		switch {
		case strings.Contains(f.Value, hiddenMark):
			hidden = true
		case strings.EqualFold(f.Name, "Via"), request.CheckField(f.Name, f.Value) != nil: // what relay and connection have added
		default:
			r.Header.Add(f.Name, f.Value)
		}
	}
	return Replay{Request: r, Hidden: hidden}, nil
}

// SendAgain sends what a row stands for.
func (s *Session) SendAgain(r Replay) error {
	switch {
	case r.Hidden:
		return errHidden
	case r.Request != nil:
		return s.SendRequest(*r.Request)
	case r.Message != nil:
		return s.Send(*r.Message)
	}
	return errNothingToSend
}

// written is a body or a message as a person would write it.
func written(data []byte) draft {
	switch {
	case !utf8.Valid(data) || strings.ContainsRune(string(data), 0):
		return draft{Kind: asHex, Text: hex.EncodeToString(data), Binary: true}
	case checkJSON(string(data)) == nil && strings.ContainsAny(string(data[:1]), "{["):
		return draft{Kind: asJSON, Text: string(data)}
	}
	return draft{Kind: asText, Text: string(data)}
}

// replayOf returns what a row of the message log stands for.
func (p *Page) replayOf(row journal.Row) (Replay, error) {
	if p.session == nil {
		return Replay{}, errNothingToSend
	}
	pair, _ := p.session.Journal().Row(row.Pair)
	return p.session.Replay(row, pair)
}

// WhyNotAgain says why a row cannot be sent again; "" if it can.
func (p *Page) WhyNotAgain(row journal.Row) string {
	if _, err := p.replayOf(row); err != nil {
		return err.Error()
	}
	return ""
}

// Replay sends what a row stands for once more. What cannot go as it is
// appears where it can be edited, with the reason.
func (p *Page) Replay(row journal.Row) {
	if r, err := p.replayOf(row); err == nil {
		p.sender.again(r)
	}
}

// EditAndResend puts what a row stands for where it can be edited.
func (p *Page) EditAndResend(row journal.Row) {
	if r, err := p.replayOf(row); err == nil {
		p.sender.edit(r)
	}
}

// again sends something once more.
func (p *senderPane) again(r Replay) {
	err := p.websocket.session.SendAgain(r)
	if err == nil {
		if r.Request != nil {
			p.show(p.http)
		}
		return
	}
	p.edit(r)
	if r.Message != nil {
		p.websocket.compose.failed = upperFirst(err.Error())
		p.websocket.compose.draw()
	} else {
		p.http.complain(err)
	}
}

// edit shows something where it can be edited.
func (p *senderPane) edit(r Replay) {
	switch {
	case r.Message != nil:
		d := written(r.Message.Data)
		d.Binary = r.Message.Binary
		p.websocket.compose.load(d)
		p.show(p.websocket)
	case r.Request != nil:
		p.http.load(*r.Request)
		p.show(p.http)
		if r.Hidden {
			p.http.complain(errHidden)
		}
	}
	p.choice.focus(p.first())
}

// show puts a way to send on screen.
func (p *senderPane) show(way senderWay) {
	if i := slices.Index(p.ways, way); i >= 0 {
		p.choice.choose(i)
	}
}

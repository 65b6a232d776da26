package relayclient

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

// ConnInfo is what a sender said of itself when it connected.
type ConnInfo struct {
	Path          string      // after the hybrid connection's name, escaped as sent; "" if nothing
	Query         string      // without the relay's own parameters, as sent
	Header        http.Header // as the relay passed it on; without the token
	RemoteAddress string      // host:port of the sender as the relay saw it
}

// A Conn is one data connection between a listener and a sender. Read, Write
// and Close may be called at the same time from different goroutines. While
// nobody calls Read, PINGs are not answered, and the relay may give up on the
// connection.
type Conn struct {
	ws          *websocket.Conn
	id          string
	role        Role
	info        ConnInfo
	subprotocol string
	timing      Timing
	events      *emitter
	alive       func()

	reading chan struct{} // holds a value while somebody reads
	writing chan struct{} // holds a value while somebody writes
	read    watch         // over the call that has reading
	written watch         // over the call that has writing
	readErr error         // why reading ended; owned by the holder of reading

	done      chan struct{} // closed when the socket is
	doneOnce  sync.Once
	pinger    sync.WaitGroup
	endedOnce sync.Once // Closed is told once

	mu        sync.Mutex
	sentClose *CloseError // what we sent, if we did
	cause     error       // why abort was called
	pings     pings
}

func newConn(ws *websocket.Conn, id string, role Role, info ConnInfo, timing Timing, events *emitter) *Conn {
	c := &Conn{
		ws: ws, id: id, role: role, info: info, subprotocol: ws.Subprotocol(), timing: timing, events: events,
		reading: make(chan struct{}, 1), writing: make(chan struct{}, 1), done: make(chan struct{}),
	}
	c.read.abort, c.written.abort = c.abort, c.abort
	c.alive = keepAlive(ws, timing)
	ws.SetPongHandler(func(data string) error {
		c.alive()
		c.pings.answered(data)
		return nil
	})
	c.pinger.Go(c.ping)
	return c
}

// ID returns the UUID that both ends of the connection know it by.
func (c *Conn) ID() string { return c.id }

// Info returns what the sender asked for.
func (c *Conn) Info() ConnInfo { return c.info }

// Subprotocol returns the subprotocol agreed on, or "".
func (c *Conn) Subprotocol() string { return c.subprotocol }

// Done is closed when the connection is closed completely.
func (c *Conn) Done() <-chan struct{} { return c.done }

func (c *Conn) ping() {
	tick := time.NewTicker(c.timing.Ping)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			sendPing(c.ws)
		case <-c.done:
			return
		}
	}
}

// Read waits for the next message. It returns a *CloseError after the other
// side sent its Close; this side may still write then, until it closes too.
// Cancelling ctx while Read waits breaks the connection.
func (c *Conn) Read(ctx context.Context) (Message, error) {
	if err := c.acquire(ctx, c.reading); err != nil {
		return Message{}, err
	}
	defer func() { <-c.reading }()
	if c.readErr != nil {
		return Message{}, c.readErr
	}
	c.read.begin(ctx)
	defer c.read.end()
	m, err := c.readMessage()
	if err != nil {
		c.readErr = c.endReading(err)
		return Message{}, c.readErr
	}
	c.events.emit(Event{Role: c.role, Kind: MessageReceived, Connection: c.id, Message: m})
	return m, nil
}

func (c *Conn) readMessage() (Message, error) {
	c.alive()
	kind, r, err := c.ws.NextReader()
	if err != nil {
		return Message{}, err
	}
	data, err := readAll(&aliveReader{r, c.alive})
	if errors.Is(err, ErrTooLarge) {
		// Best effort: whether or not the frame gets through, we are done.
		_ = c.sendClose(&CloseError{Code: websocket.CloseMessageTooBig, Reason: "message larger than 64 MiB"})
	}
	if err != nil {
		return Message{}, err
	}
	m := Message{Binary: kind == websocket.BinaryMessage, Data: data}
	if !m.Binary && !utf8.Valid(m.Data) {
		_ = c.sendClose(&CloseError{Code: websocket.CloseInvalidFramePayloadData, Reason: "a text message was not UTF-8"})
		return Message{}, ErrNotText
	}
	return m, nil
}

// endReading turns the reason why reading ended into the package's own error
// and drops the socket unless the other side closed in an orderly way.
func (c *Conn) endReading(err error) error {
	err = readError(whyLost(c.ws, err))
	c.mu.Lock()
	sent := c.sentClose
	c.mu.Unlock()
	var ce *CloseError
	if errors.As(err, &ce) {
		if sent != nil {
			c.ended(Event{Code: sent.Code, Reason: sent.Reason})
		} else {
			c.ended(Event{Code: ce.Code, Reason: ce.Reason, ByPeer: true, TrackingID: ce.TrackingID})
		}
		return err
	}
	return c.abort(err)
}

// Write sends one message. Cancelling ctx while Write waits breaks the
// connection, because half a message may be on its way.
func (c *Conn) Write(ctx context.Context, m Message) error {
	if !m.Binary && !utf8.Valid(m.Data) {
		return fmt.Errorf("write: %w", ErrNotText)
	}
	if err := c.acquire(ctx, c.writing); err != nil {
		return err
	}
	defer func() { <-c.writing }()
	c.written.begin(ctx)
	defer c.written.end()
	kind := websocket.TextMessage
	if m.Binary {
		kind = websocket.BinaryMessage
	}
	if err := c.writable(); err != nil {
		return err
	}
	// Told before it goes, or the answer could be told first.
	told := m
	if c.events.on != nil {
		told.Data = bytes.Clone(m.Data) // the caller may use its buffer again
	}
	c.events.emit(Event{Role: c.role, Kind: MessageSent, Connection: c.id, Message: told})
	if err := c.ws.WriteMessage(kind, m.Data); err != nil {
		err = readError(err)
		c.events.emit(Event{Role: c.role, Kind: SendFailed, Connection: c.id, Message: told, Err: err})
		return c.abort(err)
	}
	return nil
}

// writable returns why no message can be written, if none can.
func (c *Conn) writable() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.cause != nil:
		return c.cause
	case c.sentClose != nil:
		return ErrAlreadyClosing
	}
	return nil
}

func (c *Conn) acquire(ctx context.Context, sem chan struct{}) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	select {
	case sem <- struct{}{}:
		return nil
	default: // which is quicker than a look at both
	}
	select {
	case sem <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// CloseWrite sends a Close frame; nothing can be written after it. The other
// side may go on sending until it closes too. reason is at most 123 bytes.
func (c *Conn) CloseWrite(code int, reason string) error {
	return c.sendClose(&CloseError{Code: code, Reason: reason})
}

func (c *Conn) sendClose(frame *CloseError) error {
	if len(frame.Reason) > 123 {
		return errors.New("close: the reason is longer than 123 bytes")
	}
	// Between two fragments of a message a Close would cut the message short.
	wait := time.NewTimer(c.timing.Close)
	defer wait.Stop()
	select {
	case <-c.done:
		return ErrClosed
	default:
	}
	select {
	case c.writing <- struct{}{}:
		defer func() { <-c.writing }()
	case <-c.done:
		return ErrClosed
	case <-wait.C:
		return ErrPeerSilent
	}
	c.mu.Lock()
	if c.sentClose != nil {
		c.mu.Unlock()
		return nil
	}
	c.sentClose = frame
	c.mu.Unlock()
	var payload []byte
	if frame.Code != websocket.CloseNoStatusReceived {
		payload = websocket.FormatCloseMessage(frame.Code, frame.Reason)
	}
	if err := c.ws.WriteControl(websocket.CloseMessage, payload, time.Now().Add(controlWriteWait)); err != nil {
		return readError(err)
	}
	return readError(flush(c.ws, time.Now().Add(c.timing.Close))) // or dropping the socket would drop the frame, too
}

// Close sends a Close frame unless one was sent, waits for the other side's
// (dropping what still arrives) at most Timing.Close, and closes the socket.
// Closing twice is harmless.
func (c *Conn) Close(code int, reason string) error {
	err := c.sendClose(&CloseError{Code: code, Reason: reason})
	if err == nil {
		timer := time.AfterFunc(c.timing.Close, func() { c.abort(ErrPeerSilent) })
		c.drain()
		timer.Stop()
	}
	c.abort(ErrClosed)
	c.pinger.Wait()
	if errors.Is(err, ErrClosed) {
		return nil // closed before
	}
	return err
}

// CloseNow drops the connection without a Close frame, as a crash would.
func (c *Conn) CloseNow() {
	c.abort(ErrClosed)
	c.pinger.Wait()
}

// drain reads until the other side has closed. A Read that is under way
// elsewhere may take messages; drain takes over after it.
func (c *Conn) drain() {
	select {
	case c.reading <- struct{}{}:
		defer func() { <-c.reading }()
	case <-c.done:
		return
	}
	for c.readErr == nil {
		_, r, err := c.ws.NextReader()
		if err == nil {
			_, err = io.Copy(io.Discard, &aliveReader{r, c.alive})
		}
		if err != nil {
			c.readErr = c.endReading(err)
		}
	}
}

// abort closes the socket, which interrupts every read and write. It returns
// the first cause that it was called with.
func (c *Conn) abort(cause error) error {
	c.mu.Lock()
	if c.cause == nil {
		c.cause = cause
	}
	cause = c.cause
	sent := c.sentClose
	c.mu.Unlock()
	c.doneOnce.Do(func() {
		close(c.done)
		c.ws.Close()
		c.read.drop()
		c.written.drop()
	})
	ev := Event{Err: cause}
	if sent != nil {
		ev.Code, ev.Reason = sent.Code, sent.Reason
	}
	c.ended(ev)
	return cause
}

// ended tells Closed, once.
func (c *Conn) ended(ev Event) {
	c.endedOnce.Do(func() {
		ev.Role, ev.Kind, ev.Connection = c.role, Closed, c.id
		c.events.emit(ev)
	})
}

package relayclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// A requestSocket is the rendezvous of an HTTP request: a WebSocket that
// carries requests to the listener and responses back. One goroutine reads;
// writes may come from several.
type requestSocket struct {
	ws       *websocket.Conn
	timing   Timing
	alive    func()
	ignored  func(why string) // told what had to be ignored
	phases   Phases           // of its opening
	requests chan fetched     // from the reader, to whoever serves
	heard    atomic.Int64     // when data last came, in Unix nanoseconds
	life     context.Context  // ends with reading, for the reason that its cause tells
	end      context.CancelCauseFunc
	quit     chan struct{} // closed when nothing is served any more
	helpers  sync.WaitGroup

	writing chan struct{} // holds a value while somebody writes
	frames  frameWriter   // owned by the holder of writing
}

// A fetched is a request and its body, which must be closed.
type fetched struct {
	cmd  *requestCommand
	body requestBody
}

// close lets the body go, of which nothing more will be read.
func (f fetched) close() {
	if f.body.ReadCloser != nil {
		f.body.Close()
	}
}

// errTextForBody ends a rendezvous that can no longer be understood.
var errTextForBody = errors.New("the relay sent a command where a body was announced")

// openRendezvous dials the address of a request. op names the purpose in
// errors. The socket must be closed.
func (l *Listener) openRendezvous(ctx context.Context, op, address string, phases *Phases) (*requestSocket, error) {
	address, err := l.cfg.rendezvousURL(address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	ws, _, err := l.cfg.upgrade(ctx, op, address, nil, nil, l.cfg.Timing.Accept, phases)
	if err != nil {
		return nil, err
	}
	s := &requestSocket{
		ws: ws, timing: l.cfg.Timing, alive: keepAlive(ws, l.cfg.Timing), phases: *phases,
		ignored:  func(why string) { l.ignore("request", why) },
		requests: make(chan fetched), quit: make(chan struct{}),
		writing: make(chan struct{}, 1), frames: frameWriter{conn: ws.NetConn()},
	}
	// Not a child of ctx: the socket says goodbye after its listener's end.
	s.life, s.end = context.WithCancelCause(context.WithoutCancel(ctx))
	ws.SetPingHandler(func(data string) error {
		s.alive()
		s.control(websocket.PongMessage, []byte(data))
		return nil
	})
	s.touch()
	s.helpers.Go(func() { s.end(s.lost(s.read())) })
	s.helpers.Go(s.ping)
	return s, nil
}

func (s *requestSocket) ping() {
	tick := time.NewTicker(s.timing.Ping)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.control(websocket.PingMessage, nil)
		case <-s.life.Done():
			return
		}
	}
}

// control sends a control frame, unless a frame is being written for so long
// that it no longer matters. A failure shows up on the reading side.
func (s *requestSocket) control(kind int, data []byte) {
	patience := time.NewTimer(controlWriteWait)
	defer patience.Stop()
	select {
	case s.writing <- struct{}{}:
	case <-patience.C:
		return
	}
	defer func() { <-s.writing }()
	_ = s.ws.WriteControl(kind, data, time.Now().Add(controlWriteWait))
}

// text sends a command.
func (s *requestSocket) text(data []byte) error {
	s.writing <- struct{}{}
	defer func() { <-s.writing }()
	return s.lost(s.ws.WriteMessage(websocket.TextMessage, data))
}

// lost says in the package's own errors why reading or writing ended.
func (s *requestSocket) lost(err error) error { return readError(whyLost(s.ws, err)) }

// body sends a piece of a binary message at once; the last one ends it.
func (s *requestSocket) body(p []byte, last bool) error {
	for {
		piece := p[:min(len(p), maxFrame)]
		p = p[len(piece):]
		if err := s.frame(piece, last && len(p) == 0); err != nil || len(p) == 0 {
			return s.lost(err)
		}
	}
}

func (s *requestSocket) frame(p []byte, last bool) error {
	s.writing <- struct{}{}
	defer func() { <-s.writing }()
	return s.frames.write(p, last)
}

func (s *requestSocket) touch() { s.heard.Store(time.Now().UnixNano()) }

// quiet returns for how long no data has come.
func (s *requestSocket) quiet() time.Duration {
	return time.Duration(time.Now().UnixNano() - s.heard.Load())
}

// read hands out what comes, until reading ends.
func (s *requestSocket) read() error {
	for {
		kind, r, err := s.next()
		if err != nil {
			return err
		}
		if kind != websocket.TextMessage {
			if _, err := io.Copy(io.Discard, &aliveReader{r, s.alive}); err != nil {
				return err
			}
			s.ignored("a body that nobody announced")
			continue
		}
		data, err := io.ReadAll(io.LimitReader(&aliveReader{r, s.alive}, maxCommand+1))
		switch {
		case err != nil:
			return err
		case len(data) > maxCommand:
			return ErrTooLarge
		}
		s.touch()
		cmd, name, err := parseCommand(data)
		switch {
		case err != nil:
			s.ignored(err.Error())
		case name != "request" || cmd.Request.addressOnly():
			s.ignored("a command that does not belong on a rendezvous")
		default:
			if err := s.handOut(cmd.Request); err != nil {
				return err
			}
		}
	}
}

func (s *requestSocket) next() (int, io.Reader, error) {
	s.alive() // the reader may have waited long for a handler
	return s.ws.NextReader()
}

// handOut gives a request to whoever serves, and then its body as fast as it
// is read. A body that nobody wants is read nevertheless: the service takes a
// rendezvous that is closed before its end for a failure.
func (s *requestSocket) handOut(cmd *requestCommand) error {
	f := fetched{cmd: cmd}
	var w *io.PipeWriter
	if cmd.Body {
		var r *io.PipeReader
		r, w = io.Pipe()
		f.body = requestBody{r, -1}
	}
	select {
	case s.requests <- f:
	case <-s.quit:
		return nil // its body, if any, is one that nobody announced
	}
	if w == nil {
		return nil
	}
	err := s.pass(w)
	w.CloseWithError(s.lost(err)) // nil is the end of the body
	return err
}

func (s *requestSocket) pass(w *io.PipeWriter) error {
	kind, r, err := s.next()
	if err != nil {
		return err
	}
	if kind != websocket.BinaryMessage {
		return errTextForBody
	}
	wanted := true
	buf := make([]byte, maxFrame)
	for {
		s.alive()
		n, err := r.Read(buf)
		if n > 0 {
			s.touch()
			if wanted {
				_, writeErr := w.Write(buf[:n])
				wanted = writeErr == nil
			}
		}
		switch err {
		case nil:
		case io.EOF:
			return nil
		default:
			return err
		}
	}
}

// cut drops the socket, which interrupts every read and write.
func (s *requestSocket) cut() { s.ws.Close() }

// close says goodbye, drops what still comes until the relay has said it too,
// for at most Timing.Close, and waits for the socket's goroutines. Nothing may
// be served or written any more. Closing twice is harmless.
func (s *requestSocket) close() {
	select {
	case <-s.quit:
		return
	default:
		close(s.quit)
	}
	s.control(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, "Normal Closure"))
	_ = flush(s.ws, time.Now().Add(s.timing.Close)) // a relay that does not read gets no goodbye
	patience := time.NewTimer(s.timing.Close)
	defer patience.Stop()
	select {
	case <-s.life.Done():
	case <-patience.C:
	}
	s.cut()
	s.helpers.Wait()
}

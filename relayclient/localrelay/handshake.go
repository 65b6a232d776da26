package localrelay

import (
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

// A handshake is one request on its way to 101 or to a refusal.
type handshake struct {
	relay  *Relay
	w      http.ResponseWriter
	req    *http.Request
	target target
	entity *entity // whose name begins the path; nil if there is none
	uuid   string
	id     string // tracking id
	log    *slog.Logger
}

const timestamp = "2006-01-02T15:04:05"

// handle serves every request of the relay.
func (r *Relay) handle(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	closed := r.closed
	if !closed {
		r.handlers.Add(1)
	}
	r.mu.Unlock()
	if closed {
		panic(http.ErrAbortHandler) // net/http's way to drop a connection
	}
	defer r.handlers.Done()

	h := &handshake{relay: r, w: w, req: req}
	var decodable bool
	h.target, decodable = parseTarget(req.URL)
	h.uuid = trackingUUID(h.target.params.id)
	h.id = trackingID(h.uuid)
	name := shorten(h.target.path(), maxShownName)
	if h.entity = r.find(h.target.texts()); h.entity != nil {
		name = h.entity.Name
	}
	h.log = r.log.With("namespace", r.Namespace(), "hybrid_connection", name, "tracking_id", h.id)
	switch {
	case !decodable:
		h.refuse(http.StatusBadRequest, "The path is not percent-encoded properly")
	case !websocket.IsWebSocketUpgrade(req) && h.target.hc:
		h.deviates(breachPlain)
		h.refuse(http.StatusBadRequest, "This endpoint is only for web-socket requests")
	case !websocket.IsWebSocketUpgrade(req):
		r.relayRequest(h)
	default:
		r.upgrade(h)
	}
}

// upgrade serves the requests that want a WebSocket.
func (r *Relay) upgrade(h *handshake) {
	if problem := h.invalid(); problem != "" {
		h.deviates(breachHandshake)
		h.refuse(http.StatusBadRequest, problem)
		return
	}
	action := strings.ToLower(h.target.params.action)
	h.inspect(action)
	if h.spoiled(action) {
		return
	}
	switch action {
	case "listen":
		r.listen(h)
	case "connect", "":
		r.connect(h)
	case "accept":
		r.accept(h)
	case "request":
		r.fetchRequest(h)
	default:
		h.deviates(breachAction)
		h.refuse(http.StatusBadRequest, "Unsupported action '"+shorten(action, 64)+"'")
	}
}

// invalid says what is wrong with the handshake apart from its URL. It is
// asked before anything is promised to the other side.
func (h *handshake) invalid() string {
	key, err := base64.StdEncoding.DecodeString(h.req.Header.Get("Sec-WebSocket-Key"))
	switch {
	case h.req.Method != http.MethodGet:
		return "A web-socket handshake must use the method GET"
	case h.req.ContentLength != 0:
		return "A web-socket handshake must not have a body"
	case strings.TrimSpace(h.req.Header.Get("Sec-WebSocket-Version")) != "13":
		return "The web-socket version must be 13"
	case err != nil || len(key) != 16:
		return "The Sec-WebSocket-Key must be 16 bytes in base64"
	}
	return ""
}

// complete answers 101. Extensions are never accepted; protocol may be "".
func (h *handshake) complete(protocol string) (*websocket.Conn, error) {
	header := http.Header{"TrackingId": {h.id}}
	if protocol != "" {
		header.Set("Sec-WebSocket-Protocol", protocol)
	}
	ws, err := h.relay.upgrader.Upgrade(gathered{h.w}, h.req, header)
	if err != nil {
		return nil, fmt.Errorf("complete handshake: %w", err)
	}
	// The default handler answers a Close at once, which would end a
	// half-closed connection.
	ws.SetCloseHandler(func(int, string) error { return nil })
	return ws, nil
}

// refuse answers with a status and a sentence, to which it adds the tracking
// details.
func (h *handshake) refuse(status int, text string) {
	h.answer(status, h.detailed(text))
}

// detailed adds the tracking details to a sentence.
func (h *handshake) detailed(text string) string {
	return fmt.Sprintf("%s. TrackingId:%s, SystemTracker:sb://%s/%s, Timestamp:%s",
		strings.TrimSuffix(text, "."), h.id, h.relay.Namespace(), shorten(h.target.path(), maxShownName), time.Now().UTC().Format(timestamp))
}

// answer writes a whole response by hand, because net/http chooses reason
// phrases itself and the protocol's clients read them.
func (h *handshake) answer(status int, reason string) {
	reason = printable(reason)
	h.log.Info("handshake refused", "op", shorten(h.target.params.action, 64), "status", status, "reason", reason)
	h.write(status, reason, "text/plain; charset=utf-8", reason+"\r\n")
}

// write writes a response by hand and hangs up.
func (h *handshake) write(status int, reason, contentType, body string) {
	conn, _, err := http.NewResponseController(h.w).Hijack()
	if err != nil {
		h.log.Warn("cannot answer", "err", err)
		return
	}
	defer conn.Close()
	if h.req.Method == http.MethodHead || status < 200 || status == http.StatusNoContent || status == http.StatusNotModified {
		body = ""
	}
	head := fmt.Sprintf("HTTP/1.1 %03d %s\r\nTrackingId: %s\r\nDate: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n",
		status, latin1(printable(reason)), h.id, time.Now().UTC().Format(http.TimeFormat), contentType, len(body))
	conn.SetDeadline(time.Now().Add(h.relay.timings.write))
	if _, err := io.WriteString(conn, head+body); err == nil {
		linger(conn, h.relay.timings.closeWait)
	}
}

// linger waits a moment for the client to hang up. Closing while bytes from
// it are unread would make TCP take back what was last said to it.
func linger(conn net.Conn, wait time.Duration) {
	conn.SetDeadline(time.Now().Add(wait))
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
	io.Copy(io.Discard, io.LimitReader(conn, 1<<20))
}

const (
	maxReason    = 512
	maxShownName = 260 // as long as a hybrid connection's name can be
)

// printable makes text fit for a status line: one line of printable Latin-1
// characters, not too long.
func printable(text string) string {
	text = strings.Map(func(c rune) rune {
		switch {
		case c < ' ' || c == 0x7f || c >= 0x80 && c < 0xa0:
			return ' '
		case c > 0xff:
			return '?'
		}
		return c
	}, text)
	return strings.TrimSpace(shorten(text, maxReason))
}

// shorten cuts text to at most max bytes, between characters.
func shorten(text string, max int) string {
	if len(text) <= max {
		return text
	}
	for max > 0 && !utf8.RuneStart(text[max]) {
		max--
	}
	return text[:max]
}

// latin1 encodes printable text with one byte per character.
func latin1(text string) string {
	b := make([]byte, 0, len(text))
	for _, c := range text {
		b = append(b, byte(c))
	}
	return string(b)
}

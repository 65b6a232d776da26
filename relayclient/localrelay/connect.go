package localrelay

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// A pending is a sender that waits for a listener.
type pending struct {
	id        string
	entity    *entity
	uri       string      // what the listener is to dial, at least
	protocols []string    // what the sender offers
	answers   chan answer // capacity 1; whoever takes the pending sends exactly one
}

// An answer is what became of a pending: refused, rejected by the listener
// with a status, or accepted.
type answer struct {
	refused  *refusal
	status   int
	reason   string
	protocol string
	listener <-chan *end // gets the listener's end, or nil if its handshake failed
}

// An end is one side of a data connection.
type end struct {
	ws     *websocket.Conn
	socket *socket
}

// connect serves a sender until its data connection is over.
func (r *Relay) connect(h *handshake) {
	path, e := h.target.texts(), h.entity
	if e == nil || !e.Anonymous {
		if _, refused := r.authorize(h.presentedToken(), e, path, Send, time.Now()); refused != nil {
			h.refuse(refused.status, refused.text)
			return
		}
	}
	if e == nil {
		h.refuse(noEntity.status, noEntity.text)
		return
	}
	ctx, stop := context.WithTimeoutCause(h.req.Context(), r.acceptTimeout, context.DeadlineExceeded)
	defer stop()
	a := r.invite(ctx, h, e)
	switch {
	case a.refused != nil:
		h.refuse(a.refused.status, a.refused.text)
	case a.status != 0:
		h.answer(a.status, a.reason)
	default:
		r.join(h, e, a)
	}
}

// invite asks one listener after the other to accept the sender, until one has
// got the invitation, and waits for the answer.
func (r *Relay) invite(ctx context.Context, h *handshake, e *entity) answer {
	channels, refused := r.eligible(e, h.req.Header)
	if refused != nil {
		return answer{refused: refused}
	}
	// The listener may dial before send returns, so the id must be known first.
	p, refused := r.expect(e, h)
	if refused != nil {
		return answer{refused: refused}
	}
	text := r.acceptCommand(h, e, h.invitable(ctx, p))
	if len(text) >= maxControlMessage {
		return r.giveUp(p, &refusal{http.StatusRequestHeaderFieldsTooLarge, "The request header is too large for the listener"})
	}
	sent := false
	for _, c := range channels {
		if err := c.send(ctx, text, nil); err == nil {
			sent = true
			break
		} else if ctx.Err() != nil {
			break
		}
	}
	if !sent && ctx.Err() == nil {
		return r.giveUp(p, noListeners)
	}
	select {
	case a := <-p.answers:
		return a
	case <-ctx.Done():
	}
	switch context.Cause(ctx) {
	case context.DeadlineExceeded:
		return r.giveUp(p, &refusal{http.StatusGatewayTimeout, "None of the connected listeners accepted the connections within the allowed timeout."})
	case errClosed:
		return r.giveUp(p, stopping)
	}
	return r.giveUp(p, &refusal{http.StatusBadRequest, "The sender has left"}) // nobody reads it
}

var noListeners = &refusal{http.StatusNotFound, "There are no listeners connected for the endpoint."}

// eligible returns the listeners that may get the sender, in random order.
func (r *Relay) eligible(e *entity, header http.Header) ([]*controlChannel, *refusal) {
	r.mu.Lock()
	channels := append([]*controlChannel(nil), e.listeners...)
	r.mu.Unlock()
	if len(channels) == 0 {
		return nil, noListeners
	}
	allowed := idList(header, "Microsoft-Relay-AllowedListeners")
	disallowed := idList(header, "Microsoft-Relay-DisallowedListeners")
	var list []*controlChannel
	for _, c := range channels {
		id := strings.ToLower(c.uuid)
		if (allowed == nil || allowed[id]) && !disallowed[id] {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		return nil, &refusal{http.StatusNotFound, "None of the connected listeners meet the AllowedListeners/DisallowedListeners criteria"}
	}
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list, nil
}

// idList reads a header that steers senders; nil means it is absent.
func idList(header http.Header, name string) map[string]bool {
	values := header.Values(name)
	if len(values) == 0 {
		return nil
	}
	ids := map[string]bool{}
	for id := range strings.SplitSeq(strings.Join(values, ","), ",") {
		id, _, _ = strings.Cut(strings.TrimSpace(id), "_")
		ids[strings.ToLower(id)] = true
	}
	return ids
}

// expect enters a new rendezvous.
func (r *Relay) expect(e *entity, h *handshake) (*pending, *refusal) {
	id := rendezvousID(h.id)
	p := &pending{id, e, h.rendezvousURI(e, id), websocket.Subprotocols(h.req), make(chan answer, 1)}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return nil, stopping
	case e.gone:
		return nil, noEntity
	}
	e.waiting++
	r.pending[p.id] = p
	return p, nil
}

// take removes a rendezvous and remembers why, or returns nil if it is not
// there. Whoever takes one answers the sender.
func (r *Relay) take(id string, e *entity, why fate) *pending {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.pending[id]
	if p == nil || p.entity != e {
		return nil
	}
	delete(r.pending, id)
	r.fates.set(id, why)
	e.waiting--
	return p
}

// giveUp ends a rendezvous with why, unless somebody has just taken it: then
// the answer is on its way and counts.
func (r *Relay) giveUp(p *pending, why *refusal) answer {
	if r.take(p.id, p.entity, fateFor(why)) == nil {
		return <-p.answers
	}
	if why.status == http.StatusGatewayTimeout && !r.faults.used.Load() {
		r.deviates(roleListener, p.entity.Name, trackingID(trackingUUID(p.id)), breachSilent)
	}
	return answer{refused: why}
}

// rendezvousURI returns path and query of the address that a listener is to
// dial.
func (h *handshake) rendezvousURI(e *entity, id string) string {
	uri := "/$hc/" + e.escapedName() + h.target.suffix(len(e.segments)) + "?"
	if h.target.query != "" {
		uri += h.target.query + "&"
	}
	return uri + "sb-hc-action=accept&sb-hc-id=" + id
}

// acceptCommand builds the invitation.
func (r *Relay) acceptCommand(h *handshake, e *entity, id string) []byte {
	type accept struct {
		Address        string            `json:"address"`
		ID             string            `json:"id"`
		ConnectHeaders map[string]string `json:"connectHeaders"`
		RemoteEndpoint endpoint          `json:"remoteEndpoint"`
	}
	address := "wss://" + r.Namespace() + h.rendezvousURI(e, id)
	return encode(map[string]accept{"accept": {address, id, connectHeaders(h.req, h.bearsAuthorization()), remoteEndpoint(h.req)}})
}

// An endpoint is where a sender's connection comes from.
type endpoint struct {
	Address string `json:"address"`
	Port    int    `json:"port"`
}

func remoteEndpoint(req *http.Request) endpoint {
	var remote endpoint
	if host, port, err := net.SplitHostPort(req.RemoteAddr); err == nil {
		remote.Address = host
		remote.Port, _ = strconv.Atoi(port)
	}
	return remote
}

// encode writes JSON for a listener. What the relay has to say can always be
// encoded.
func encode(v any) []byte {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false) // an address full of \u0026 is legal and unreadable
	enc.Encode(v)
	return bytes.TrimSpace(text.Bytes())
}

// spelled has the header names that net/http spells differently from the
// protocol's documents. Some listeners look them up as they are written there.
var spelled = map[string]string{
	"Sec-Websocket-Key":        "Sec-WebSocket-Key",
	"Sec-Websocket-Version":    "Sec-WebSocket-Version",
	"Sec-Websocket-Protocol":   "Sec-WebSocket-Protocol",
	"Sec-Websocket-Extensions": "Sec-WebSocket-Extensions",
}

// connectHeaders returns the sender's headers as the listener gets to see
// them. authorized means that Authorization was for the relay.
func connectHeaders(req *http.Request, authorized bool) map[string]string {
	headers := map[string]string{"Host": req.Host}
	for name, values := range req.Header {
		if name == "Servicebusauthorization" || name == "Authorization" && authorized {
			continue
		}
		if s, ok := spelled[name]; ok {
			name = s
		}
		headers[name] = strings.Join(values, ", ")
	}
	return headers
}

package relayclient_test

import (
	"strings"
	"testing"

	"relayscope/relayclient"
)

// hycoWS plays both roles with Microsoft's client for WebSockets.
type hycoWS struct{ microsoft }

// A nodeCommand is what a script of hyco-ws is told to do.
type nodeCommand struct {
	Binary bool   `json:"binary"`
	Data   []byte `json:"data"`
	Close  int    `json:"close,omitempty"`
	Reason string `json:"reason,omitempty"`
}

func (h hycoWS) listen(t *testing.T, cfg relayclient.Config) func() end {
	p := h.startListener(t, cfg)
	p.await(t, "listening")
	return func() end { return newNodeEnd(t, p) }
}

func (h hycoWS) dial(t *testing.T, cfg relayclient.Config, opt relayclient.DialOptions) func() end {
	p := h.startSender(t, cfg, opt)
	return func() end { return newNodeEnd(t, p) }
}

func (h hycoWS) startListener(t *testing.T, cfg relayclient.Config, settings ...string) *nodeProcess {
	return h.start(t, "hyco-ws/listener.js", cfg, settings...)
}

func (h hycoWS) startSender(t *testing.T, cfg relayclient.Config, opt relayclient.DialOptions) *nodeProcess {
	return h.start(t, "hyco-ws/sender.js", cfg, "RELAY_PATH="+opt.Path, "RELAY_QUERY="+opt.Query, "RELAY_PROTOCOLS="+strings.Join(opt.Subprotocols, ","))
}

func (h hycoWS) refusedListening(t *testing.T, cfg relayclient.Config) (int, string) {
	answer := h.startListener(t, cfg).await(t, "refused")
	return answer.Status, answer.Reason
}

func (h hycoWS) refusedSending(t *testing.T, cfg relayclient.Config) (int, string) {
	answer := h.startSender(t, cfg, relayclient.DialOptions{}).await(t, "refused")
	return answer.Status, answer.Reason
}

// A nodeEnd is the end of a connection that Node has.
type nodeEnd struct {
	*nodeProcess
	opened nodeReport
}

func newNodeEnd(t *testing.T, p *nodeProcess) end { return nodeEnd{p, p.await(t, "open")} }

func (e nodeEnd) path() string        { return e.opened.Path }
func (e nodeEnd) query() string       { return e.opened.Query }
func (e nodeEnd) subprotocol() string { return e.opened.Protocol }

func (e nodeEnd) send(t *testing.T, m relayclient.Message) {
	t.Helper()
	e.tell(t, nodeCommand{Binary: m.Binary, Data: m.Data})
}

func (e nodeEnd) receive(t *testing.T) relayclient.Message {
	t.Helper()
	r := e.await(t, "message")
	return relayclient.Message{Binary: r.Binary, Data: r.Data}
}

func (e nodeEnd) close(t *testing.T, code int, reason string) {
	t.Helper()
	e.tell(t, nodeCommand{Close: code, Reason: reason})
}

func (e nodeEnd) closed(t *testing.T) (int, string) {
	t.Helper()
	r := e.await(t, "closed")
	return r.Code, r.Reason
}

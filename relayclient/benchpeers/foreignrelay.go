package main

import (
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"sync"

	"github.com/gorilla/websocket"
)

// A foreignRelay is the plainest relay that clients can connect through: it
// checks no token, and reads each message whole before it writes it.
type foreignRelay struct {
	namespace string
	upgrader  websocket.Upgrader

	mu      sync.Mutex
	control map[string]*websocket.Conn      // by the path of the hybrid connection
	waiting map[string]chan *websocket.Conn // senders by the id of their rendezvous
}

func startForeignRelay() (address, func() error, error) {
	l, at, err := listenTLS()
	if err != nil {
		return address{}, nil, err
	}
	r := &foreignRelay{
		namespace: at.Namespace,
		upgrader:  websocket.Upgrader{ReadBufferSize: floorBufferSize, WriteBufferSize: floorBufferSize},
		control:   map[string]*websocket.Conn{},
		waiting:   map[string]chan *websocket.Conn{},
	}
	server := &http.Server{Handler: r, ErrorLog: log.New(io.Discard, "", 0)}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	return at, func() error {
		server.Close()
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	}, nil
}

// ServeHTTP serves a listener's control channel, a sender or a rendezvous.
func (r *foreignRelay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	query := req.URL.Query()
	id := query.Get("sb-hc-id")
	switch query.Get("sb-hc-action") {
	case "listen":
		r.listen(w, req)
	case "connect":
		r.connect(w, req, id)
	case "accept":
		r.mu.Lock()
		sender := r.waiting[id]
		delete(r.waiting, id)
		r.mu.Unlock()
		if sender == nil {
			http.Error(w, "no sender waits", http.StatusForbidden)
			return
		}
		ws, err := r.upgrader.Upgrade(w, req, nil)
		if err != nil {
			ws = nil
		}
		sender <- ws
	default:
		http.Error(w, "unknown action", http.StatusBadRequest)
	}
}

func (r *foreignRelay) listen(w http.ResponseWriter, req *http.Request) {
	ws, err := r.upgrader.Upgrade(w, req, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	r.mu.Lock()
	r.control[req.URL.Path] = ws
	r.mu.Unlock()
	for err == nil {
		_, _, err = ws.ReadMessage()
	}
}

func (r *foreignRelay) connect(w http.ResponseWriter, req *http.Request, id string) {
	rendezvous := make(chan *websocket.Conn, 1)
	command, err := json.Marshal(map[string]any{"accept": map[string]any{
		"address": "wss://" + r.namespace + req.URL.Path + "?sb-hc-action=accept&sb-hc-id=" + id, "id": id,
		"connectHeaders": map[string]string{}, "remoteEndpoint": map[string]any{},
	}})
	r.mu.Lock()
	r.waiting[id] = rendezvous
	if control := r.control[req.URL.Path]; err == nil && control != nil {
		err = control.WriteMessage(websocket.TextMessage, command)
	}
	r.mu.Unlock()
	if err != nil {
		http.Error(w, "no listener", http.StatusNotFound)
		return
	}
	listener := <-rendezvous
	if listener == nil {
		http.Error(w, "the rendezvous failed", http.StatusServiceUnavailable)
		return
	}
	defer listener.Close()
	sender, err := r.upgrader.Upgrade(w, req, nil)
	if err != nil {
		return
	}
	defer sender.Close()
	var back sync.WaitGroup
	back.Go(func() { pass(sender, listener) })
	pass(listener, sender)
	back.Wait()
}

// pass hands on messages until a Close, which the package has answered.
func pass(to, from *websocket.Conn) {
	for {
		kind, p, err := from.ReadMessage()
		if err == nil {
			err = to.WriteMessage(kind, p)
		}
		if err != nil {
			to.Close()
			return
		}
	}
}

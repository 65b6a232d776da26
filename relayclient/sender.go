package relayclient

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
)

// DialOptions is what a sender asks of the listener. The zero value asks for
// nothing in particular.
type DialOptions struct {
	Path         string      // after the hybrid connection's name, escaped; "" or beginning with "/"
	Query        string      // escaped, without "?"
	Header       http.Header // reaches the listener
	Subprotocols []string    // offered, the one liked best first
}

// Dial connects to the hybrid connection as a sender and waits until a
// listener has accepted. ctx bounds connecting only. A refusal is a
// *HandshakeError, whether the relay's own or the listener's.
func Dial(ctx context.Context, cfg Config, opt DialOptions) (*Conn, error) {
	cfg, err := cfg.prepare()
	if err != nil {
		return nil, err
	}
	if opt.Path != "" && !strings.HasPrefix(opt.Path, "/") {
		return nil, errors.New("connect: the path must begin with a slash")
	}
	events := &emitter{on: cfg.OnEvent}
	id, start := newUUID(), time.Now()
	info := ConnInfo{Path: opt.Path, Query: opt.Query, Header: opt.Header.Clone()}
	var phases Phases
	conn, err := dialSender(ctx, &cfg, opt, id, info, events, &phases)
	if err != nil {
		cfg.Logger.Warn("connect refused", "op", "connect", "err", err, "took", time.Since(start))
		events.emit(Event{Role: Sending, Kind: ConnectFailed, Connection: id, Info: &info, Err: err, Took: time.Since(start), Phases: phases})
		return nil, err
	}
	cfg.Logger.Info("sender connected", "tracking_id", id, "took", time.Since(start))
	events.emit(Event{Role: Sending, Kind: Connected, Connection: id, Info: &info, Subprotocol: conn.subprotocol, Took: time.Since(start), Phases: phases})
	return conn, nil
}

func dialSender(ctx context.Context, cfg *Config, opt DialOptions, id string, info ConnInfo, events *emitter, phases *Phases) (*Conn, error) {
	header := opt.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	if _, err := cfg.authorize(ctx, header, phases); err != nil {
		return nil, err
	}
	query := "sb-hc-action=connect&sb-hc-id=" + id
	if opt.Query != "" {
		query = opt.Query + "&" + query
	}
	address := "wss://" + cfg.Namespace + "/$hc/" + escapePath(cfg.HybridConnection) + opt.Path + "?" + query
	ws, _, err := cfg.upgrade(ctx, "connect", address, header, opt.Subprotocols, cfg.Timing.SenderHandshake, phases)
	if err != nil {
		return nil, err
	}
	return newConn(ws, id, Sending, info, cfg.Timing, events), nil
}

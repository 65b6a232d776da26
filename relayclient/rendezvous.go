package relayclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// invited takes up an accept command: it dials the rendezvous in a goroutine
// of its own, or turns the sender away if too many wait already. Silence
// would cost the sender half a minute.
func (l *Listener) invited(ctx context.Context, cmd *acceptCommand) {
	select {
	case l.slots <- struct{}{}:
		l.workers.Go(func() { l.accept(ctx, cmd) })
		return
	default:
	}
	l.turnAway(ctx, cmd, "too many connections are waiting for the listener")
}

// turnAway refuses an invitation with 503, without waiting for it.
func (l *Listener) turnAway(ctx context.Context, cmd *acceptCommand, why string) {
	select {
	case l.refusals <- struct{}{}:
		l.workers.Go(func() {
			defer func() { <-l.refusals }()
			l.reject(ctx, cmd, http.StatusServiceUnavailable, why)
		})
	default:
		l.emit(Event{Kind: ConnectFailed, Connection: connectionID(cmd.ID), Err: errors.New("accept: too many connections are waiting; the sender was left to its timeout")})
	}
}

// accept opens the listener's end of a data connection. It gives its slot
// back unless Accept will.
func (l *Listener) accept(ctx context.Context, cmd *acceptCommand) {
	id, info := connectionID(cmd.ID), connInfo(cmd, l.cfg.HybridConnection)
	start := time.Now()
	var phases Phases
	fail := func(err error) {
		<-l.slots
		l.cfg.Logger.Warn("rendezvous failed", "op", "accept", "tracking_id", id, "err", err)
		l.emit(Event{Kind: ConnectFailed, Connection: id, Info: &info, Err: err, Took: time.Since(start), Phases: phases})
	}
	address, err := l.cfg.rendezvousURL(cmd.Address)
	if err != nil {
		fail(fmt.Errorf("accept: %w", err))
		return
	}
	verdict := l.decide(ctx, info)
	if verdict.Ignore {
		<-l.slots
		l.emit(Event{Kind: Rejected, Connection: id, Info: &info})
		return
	}
	if !verdict.Accept {
		<-l.slots
		l.reject(ctx, cmd, verdict.Status, verdict.Description)
		return
	}
	var subprotocols []string
	if verdict.Subprotocol != "" {
		subprotocols = []string{verdict.Subprotocol}
	}
	ws, _, err := l.cfg.upgrade(ctx, "accept", address, nil, subprotocols, l.cfg.Timing.Accept, &phases)
	if err != nil {
		fail(err)
		return
	}
	c := newConn(ws, id, Listening, info, l.cfg.Timing, l.events)
	l.cfg.Logger.Info("connection accepted", "op", "accept", "tracking_id", id, "took", time.Since(start))
	l.emit(Event{Kind: Connected, Connection: id, Info: &info, Subprotocol: c.subprotocol, Took: time.Since(start), Phases: phases})
	l.accepted <- c // never blocks: there is one place for every slot
}

// reject tells the relay to refuse a sender. The relay confirms with 410.
func (l *Listener) reject(ctx context.Context, cmd *acceptCommand, status int, description string) {
	id, info := connectionID(cmd.ID), connInfo(cmd, l.cfg.HybridConnection)
	address, err := l.cfg.rendezvousURL(cmd.Address)
	if err == nil {
		separator := "&"
		if !strings.Contains(address, "?") {
			separator = "?"
		}
		address += separator + "sb-hc-statusCode=" + strconv.Itoa(status) + "&sb-hc-statusDescription=" + percentEncode(description)
		_, _, err = l.cfg.upgrade(ctx, "reject", address, nil, nil, l.cfg.Timing.Accept, &Phases{})
	}
	var he *HandshakeError
	if errors.As(err, &he) && he.StatusCode == http.StatusGone {
		l.emit(Event{Kind: Rejected, Connection: id, Info: &info, Code: status, Reason: description})
		return
	}
	switch {
	case err == nil:
		err = fmt.Errorf("reject: %w", ErrNotRelay)
	case errors.Is(err, ErrForeignRendezvous):
		err = fmt.Errorf("reject: %w", err)
	}
	l.emit(Event{Kind: ConnectFailed, Connection: id, Info: &info, Err: err})
}

// connectionID takes the UUID, which both ends know, off an id such as
// <uuid>_G12_G3.
func connectionID(id string) string {
	uuid, _, _ := strings.Cut(id, "_")
	return uuid
}

// connInfo reads what the sender asked for out of an invitation.
func connInfo(cmd *acceptCommand, hybridConnection string) ConnInfo {
	info := ConnInfo{Header: http.Header{}, RemoteAddress: cmd.RemoteEndpoint.String()}
	for name, value := range cmd.ConnectHeaders {
		info.Header.Add(name, value)
	}
	u, err := url.Parse(cmd.Address)
	if err != nil {
		return info
	}
	info.Path = afterName(strings.TrimPrefix(u.EscapedPath(), "/$hc"), hybridConnection)
	info.Query = withoutRelayParameters(u.RawQuery)
	return info
}

// afterName drops the hybrid connection's name from the front of an escaped
// path. The slashes inside the name may travel raw or as %2F.
func afterName(path, hybridConnection string) string {
	for left := strings.Count(hybridConnection, "/") + 1; left > 0 && path != ""; left-- {
		segment, rest, more := strings.Cut(path[1:], "/")
		left -= strings.Count(strings.ToUpper(segment), "%2F")
		if path = ""; more {
			path = "/" + rest
		}
	}
	return path
}

// withoutRelayParameters drops every name=value pair whose name starts with
// sb-hc-; everything else keeps its order and escapes.
func withoutRelayParameters(query string) string {
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		name, _, isPair := strings.Cut(pair, "=")
		if isPair && len(name) >= 6 && strings.EqualFold(name[:6], "sb-hc-") {
			continue
		}
		kept = append(kept, pair)
	}
	return strings.Join(kept, "&")
}

package localrelay

import (
	"bufio"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// raw opens a TLS connection.
func raw(t *testing.T, r *Relay) net.Conn {
	t.Helper()
	conn, err := tls.Dial("tcp", r.Namespace(), tlsFor(r))
	if err != nil {
		t.Fatal(err)
	}
	conn.SetDeadline(time.Now().Add(enduring))
	t.Cleanup(func() { conn.NetConn().Close() })
	return conn
}

// upgradeTo is a handshake as it goes over the wire, with more header lines.
func upgradeTo(path, lines string) string {
	return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2FtcGxlLWtleS0xMjM0NQ==\r\n" + lines + "\r\n"
}

// said returns the status and body of the next answer on conn. The status is
// up to the tracking details.
func said(r *bufio.Reader, method string) (status, body string, err error) {
	resp, err := http.ReadResponse(r, &http.Request{Method: method})
	if err != nil {
		return "", "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	status, _, _ = strings.Cut(resp.Status, ". TrackingId:")
	return status, string(text), err
}

// poured sends head and then again, unless that is empty, for as long as the
// relay takes it. It returns the status that the relay answers with.
func poured(t *testing.T, r *Relay, head, again string) string {
	t.Helper()
	conn := raw(t, r)
	again = strings.Repeat(again, 1+32<<10/max(len(again), 1))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, err := io.WriteString(conn, head)
		for err == nil && again != "" {
			_, err = io.WriteString(conn, again)
		}
	}()
	status, _, err := said(bufio.NewReader(conn), http.MethodPost)
	if err != nil {
		t.Errorf("instead of an answer: %v", err)
	}
	<-ended // the relay has hung up
	return status
}

// frame is one masked frame from a client, whose first byte says what it is.
// The mask is zero, so the payload stays as it is.
func frame(first byte, payload string) []byte {
	head := []byte{first, 0x80 | byte(len(payload))}
	if len(payload) > 125 {
		head = binary.BigEndian.AppendUint64([]byte{first, 0x80 | 127}, uint64(len(payload)))
	}
	return append(append(head, 0, 0, 0, 0), payload...)
}

package localrelay

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient/gather"
)

// A gathered is a ResponseWriter that, when it is taken over, yields a
// connection whose small writes leave together. All WebSockets of the relay
// are made with it.
type gathered struct{ http.ResponseWriter }

// Hijack takes over the connection.
func (g gathered) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffers, err := http.NewResponseController(g.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, fmt.Errorf("take over connection: %w", err)
	}
	return gather.New(conn), buffers, nil
}

// flush waits until what was written to ws has left, or for the deadline; a
// zero one waits for as long as the connection lasts.
func flush(ws *websocket.Conn, deadline time.Time) error {
	return ws.NetConn().(*gather.Conn).Flush(deadline)
}

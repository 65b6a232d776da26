package relayclient

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// The relay answers a request that was given up with 400, which is not a
// verdict about the connection. A refusal in time stays one, even if the rest
// of it never comes.
func TestAnswerAfterGivingUpIsNoRefusal(t *testing.T) {
	for name, late := range map[string]bool{"late": true, "in time": false} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := withTimeout(t.Context(), time.Hour)
			defer cancel()
			if late {
				ctx, cancel = withTimeout(t.Context(), time.Nanosecond)
				defer cancel()
				<-ctx.Done()
			}
			near, far := net.Pipe()
			defer near.Close()
			go func() {
				io.WriteString(far, "HTTP/1.1 400 Bad Request\r\n\r\n")
				far.Close()
			}()
			answer := &answerConn{Conn: near, ctx: ctx, left: maxAnswer}
			resp, err := http.ReadResponse(bufio.NewReader(answer), nil)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			err = upgradeError(ctx, "connect", websocket.ErrBadHandshake, resp, answer)
			var he *HandshakeError
			if errors.As(err, &he) == late || errors.Is(err, context.DeadlineExceeded) != late {
				t.Errorf("error = %v", err)
			}
		})
	}
}

package localrelay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// BenchmarkRelay moves one message at a time, so it tells how long the relay
// keeps it.
func BenchmarkRelay(b *testing.B) {
	benchMessages(b, func(sender, listener *websocket.Conn, message []byte, count int) error {
		for range count {
			if err := sender.WriteMessage(websocket.BinaryMessage, message); err != nil {
				return err
			}
			if err := same(listener, message); err != nil {
				return err
			}
		}
		return nil
	})
}

// BenchmarkRelayOneWay moves messages as fast as they go.
func BenchmarkRelayOneWay(b *testing.B) {
	benchMessages(b, func(sender, listener *websocket.Conn, message []byte, count int) error {
		sent := make(chan error, 1)
		go func() {
			for range count {
				if err := sender.WriteMessage(websocket.BinaryMessage, message); err != nil {
					sent <- err
					listener.Close() // it must not wait
					return
				}
			}
			sent <- nil
		}()
		for range count {
			if err := same(listener, message); err != nil {
				sender.Close()
				<-sent
				return err
			}
		}
		return <-sent
	})
}

func same(ws *websocket.Conn, want []byte) error {
	if _, got, err := ws.ReadMessage(); err != nil || !bytes.Equal(got, want) {
		return fmt.Errorf("got %d bytes, want %d as they were sent; %v", len(got), len(want), err)
	}
	return nil
}

func benchMessages(b *testing.B, move func(sender, listener *websocket.Conn, message []byte, count int) error) {
	r := localrelaytest.New(b)
	sender, listener := joined(b, r, listen(b, r, ""))
	for _, size := range []int{64, 1 << 10, 64 << 10} {
		b.Run(fmt.Sprintf("size=%d", size), func(b *testing.B) {
			listener.SetReadDeadline(time.Now().Add(patience))
			b.SetBytes(int64(size))
			b.ReportAllocs()
			if err := move(sender, listener, bytes.Repeat([]byte("x"), size), b.N); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msgs/s")
		})
	}
}

// BenchmarkRelayConnect joins a sender and a listener and closes in good order.
func BenchmarkRelayConnect(b *testing.B) {
	r := localrelaytest.New(b)
	control := listen(b, r, "")
	header := token(b, r, "send")
	b.ReportAllocs()
	for b.Loop() {
		control.SetReadDeadline(time.Now().Add(patience))
		pending := connect(b, r, "hyco", header)
		listener, _, err := dialer(r).DialContext(b.Context(), invited(b, control).Address, nil)
		if err != nil {
			b.Fatal(err)
		}
		d := <-pending
		if d.err != nil {
			b.Fatal(d.err)
		}
		sendClose(b, d.ws, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""))
		wantClose(b, listener, websocket.CloseNormalClosure)
		wantClose(b, d.ws, websocket.CloseNormalClosure)
		d.ws.Close()
		listener.Close()
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "conns/s")
}

// BenchmarkRelayRequest relays HTTP requests over the control channel to a
// listener that does next to nothing.
func BenchmarkRelayRequest(b *testing.B) {
	r := localrelaytest.New(b)
	control := listenOpen(b, r, "")
	var answering sync.WaitGroup
	answering.Go(func() { answerAll(control, bytes.Repeat([]byte("x"), 1<<10)) })
	b.Cleanup(func() { control.Close(); answering.Wait() })
	client := httpClient(b, r)
	for _, inFlight := range []int{1, 16} {
		client.Transport.(*http.Transport).MaxIdleConnsPerHost = inFlight
		b.Run(fmt.Sprintf("inflight=%d", inFlight), func(b *testing.B) {
			control.SetReadDeadline(time.Now().Add(patience))
			b.ReportAllocs()
			errs := make(chan error, inFlight)
			for i := range inFlight {
				go func() { errs <- getMany(b.Context(), client, r, b.N*(i+1)/inFlight-b.N*i/inFlight) }()
			}
			for range inFlight {
				if err := <-errs; err != nil {
					b.Error(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reqs/s")
		})
	}
}

func getMany(ctx context.Context, client *http.Client, r *localrelay.Relay, count int) error {
	for range count {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+r.Namespace()+"/open/item", nil)
		if err != nil {
			return err
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		n, err := io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK || n != 1<<10 {
			return fmt.Errorf("got %s with %d bytes, %v", resp.Status, n, err)
		}
	}
	return nil
}

// answerAll answers every request until the control channel ends.
func answerAll(control *websocket.Conn, body []byte) {
	for {
		_, text, err := control.ReadMessage()
		if err != nil {
			return
		}
		var cmd struct{ Request struct{ ID string } }
		if json.Unmarshal(text, &cmd) != nil {
			return
		}
		text = fmt.Appendf(nil, `{"response":{"requestId":%q,"statusCode":200,"body":true}}`, cmd.Request.ID)
		if control.WriteMessage(websocket.TextMessage, text) != nil || control.WriteMessage(websocket.BinaryMessage, body) != nil {
			return
		}
	}
}

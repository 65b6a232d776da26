package localrelay_test

import (
	"strconv"
	"testing"

	"github.com/gorilla/websocket"

	"relayscope/relayclient/localrelay/localrelaytest"
)

// What a cut lets pass arrives, also out of the middle of a burst.
func TestCutInABurst(t *testing.T) {
	const pass = 500
	r := localrelaytest.New(t)
	control := listen(t, r, "")
	for range 10 {
		sender, listener := joined(t, r, control)
		inject(t, r, "cut:after="+strconv.Itoa(pass))
		for i := range 2 * pass {
			// The connection may be gone before the last one.
			if sender.WriteMessage(websocket.TextMessage, []byte(strconv.Itoa(i))) != nil {
				break
			}
		}
		for i := range pass {
			wantMessage(t, listener, websocket.TextMessage, strconv.Itoa(i))
		}
		wantCut(t, listener)
	}
}

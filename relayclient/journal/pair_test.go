package journal_test

import (
	"testing"
	"time"

	"relayscope/relayclient/journal"
)

func TestPairs(t *testing.T) {
	message := func(d journal.Direction, conn, payload string) journal.Row {
		return journal.Row{Lane: journal.Sender, Direction: d, Kind: journal.Data, Connection: conn, Type: "text", Payload: []byte(payload)}
	}
	out := func(payload string) journal.Row { return message(journal.Out, "#1", payload) }
	in := func(payload string) journal.Row { return message(journal.In, "#1", payload) }
	httpRow := func(lane journal.Lane, kind, exchange string) journal.Row {
		return journal.Row{Lane: lane, Kind: journal.HTTP, Type: kind, Facts: &journal.Facts{Exchange: exchange}}
	}
	for name, tt := range map[string]struct {
		rows []journal.Row
		want []uint64 // the Pair of each
	}{
		"echo":                    {[]journal.Row{out("a"), out("b"), in("a"), in("b")}, []uint64{3, 4, 1, 2}},
		"out of order":            {[]journal.Row{out("a"), out("b"), in("b"), in("a")}, []uint64{4, 3, 2, 1}},
		"alike one by one":        {[]journal.Row{out("a"), in("a"), out("a"), in("a")}, []uint64{2, 1, 4, 3}},
		"alike at once":           {[]journal.Row{out("a"), out("a"), in("a"), in("a"), out("a"), in("a")}, []uint64{0, 0, 0, 0, 6, 5}},
		"another connection":      {[]journal.Row{out("a"), message(journal.In, "#2", "a")}, []uint64{0, 0}},
		"no connection":           {[]journal.Row{message(journal.Out, "", "a"), message(journal.In, "", "a")}, []uint64{0, 0}},
		"another payload":         {[]journal.Row{out("a"), in("A")}, []uint64{0, 0}},
		"empty":                   {[]journal.Row{out(""), in("")}, []uint64{0, 0}},
		"nonce":                   {[]journal.Row{out(`{"nonce":"x","ask":1}`), out(`{"nonce":"y"}`), in(`{"ok":true,"nonce":"x"}`)}, []uint64{3, 0, 1}},
		"an id by itself":         {[]journal.Row{out(`{"id":7,"a":1}`), in(`{"id":7,"b":1}`)}, []uint64{0, 0}},
		"JSON-RPC":                {[]journal.Row{out(`{"jsonrpc":"2.0","id":7,"method":"m"}`), in(`{"jsonrpc":"2.0","id":7,"result":null}`)}, []uint64{2, 1}},
		"JSON-RPC both ways":      {[]journal.Row{out(`{"id":7,"method":"m"}`), in(`{"id":7,"method":"n"}`), in(`{"id":7,"result":1}`)}, []uint64{3, 0, 1}},
		"the same nonce twice":    {[]journal.Row{out(`{"nonce":1,"a":1}`), out(`{"nonce":1,"a":2}`), in(`{"nonce":1}`)}, []uint64{0, 0, 0}},
		"exchange":                {[]journal.Row{httpRow(journal.Listener, "request", "x"), httpRow(journal.Listener, "request", "y"), httpRow(journal.Listener, "response", "x"), httpRow(journal.Listener, "no answer", "y")}, []uint64{3, 4, 1, 2}},
		"exchanges of both lanes": {[]journal.Row{httpRow(journal.Sender, "request", "x"), httpRow(journal.Listener, "request", "x"), httpRow(journal.Listener, "response", "x"), httpRow(journal.Sender, "response", "x")}, []uint64{4, 3, 2, 1}},
		"response alone":          {[]journal.Row{httpRow(journal.Sender, "response", "x"), httpRow(journal.Sender, "response", "x")}, []uint64{0, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			j := journal.New(0, 0)
			start := time.Date(2026, 3, 4, 10, 2, 11, 0, time.UTC)
			for i, r := range tt.rows {
				r.Time = start.Add(time.Duration(i*i) * time.Millisecond)
				j.Append(r)
			}
			for i, want := range tt.want {
				r, _ := j.Row(uint64(i + 1))
				if r.Pair != want {
					t.Errorf("row %d is paired with %d, want %d", r.Number, r.Pair, want)
				}
				latency := time.Duration(0)
				if want != 0 && want < r.Number {
					first := int(want - 1)
					latency = time.Duration(i*i-first*first) * time.Millisecond
				}
				if r.Latency != latency {
					t.Errorf("row %d has latency %v, want %v", r.Number, r.Latency, latency)
				}
			}
		})
	}
}

func TestResponseTellsWhatWasAsked(t *testing.T) {
	j := journal.New(0, 0)
	j.Append(journal.Row{Type: "request", Kind: journal.HTTP, Facts: &journal.Facts{Exchange: "x", Method: "PUT", Path: "/a"}})
	j.Append(journal.Row{Type: "response", Kind: journal.HTTP, Latency: time.Second, Facts: &journal.Facts{Exchange: "x", AnsweredBy: "relay"}})
	if r, _ := j.Row(2); r.Facts.Method != "PUT" || r.Facts.Path != "/a" || r.Facts.AnsweredBy != "relay" || r.Latency != time.Second {
		t.Errorf("response: %+v, %+v", r, r.Facts)
	}
}

func TestManyWithoutAnswerAreGivenUp(t *testing.T) {
	j := journal.New(200_000, 0)
	number := func(n int) []byte { return []byte{byte(n), byte(n >> 8), byte(n >> 16), 1} }
	for n := range 100_000 {
		j.Append(journal.Row{Direction: journal.Out, Kind: journal.Data, Connection: "#1", Type: "binary", Payload: number(n)})
	}
	for n, want := range map[int]uint64{99_999: 100_000, 0: 0} {
		r, _ := j.Row(j.Append(journal.Row{Direction: journal.In, Kind: journal.Data, Connection: "#1", Type: "binary", Payload: number(n)}))
		if r.Pair != want {
			t.Errorf("message %d is paired with %d, want %d", n, r.Pair, want)
		}
	}
}

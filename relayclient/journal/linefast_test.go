package journal

import (
	"bytes"
	"reflect"
	"testing"
	"time"
)

// What the fast reader takes, encoding/json reads as the same row; and it
// takes what is common.
func FuzzLine(f *testing.F) {
	f.Add([]byte(`{"row":5,"time":"2026-03-04T10:02:11.482Z","side":"sender","dir":"in","kind":"data","conn":"#1","type":"text","size":7,"latencyNs":12,"pair":4,"payload":"a\"\\\u00fc\n","cut":true,"text":"x","detail":"y","trackingId":"z"}`))
	f.Add([]byte(`{"row":05}`))
	f.Add([]byte(`{"row":1,"payload":"\ud83d\ude00","payload":""}` + "\r"))
	f.Add([]byte(`{"row":1,"time":"2026-03-04T10:02:11+01:00","payload":"\\"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var fast Row
		if !readLine(text, &fast) {
			return
		}
		slow, err := slowLine(text)
		if err != nil || !fast.Time.Equal(slow.Time) {
			t.Fatalf("%q: %v, time %v and %v", text, err, fast.Time, slow.Time)
		}
		fast.Time, slow.Time = time.Time{}, time.Time{}
		if !reflect.DeepEqual(fast, slow) {
			t.Fatalf("%q:\nfast %+v\nslow %+v", text, fast, slow)
		}
	})
}

func TestCommonLinesAreReadFast(t *testing.T) {
	for _, r := range []Row{
		{Number: 7, Time: time.Unix(1_772_618_531, 5).UTC(), Lane: Sender, Direction: In, Kind: Data, Connection: "#3", Type: "text", Size: 10, Payload: []byte("a\"\n\\ü\u2028\x01"), Latency: 5, Pair: 6, Truncated: true},
		{Number: 8, Kind: State, Type: "online", Text: "registered", Detail: "time 5 ms\nto 192.0.2.7", TrackingID: "7f3a_G12", Status: 1000},
	} {
		var buf bytes.Buffer
		if err := appendLine(&buf, &r); err != nil {
			t.Fatal(err)
		}
		var got Row
		if !readLine(bytes.TrimSuffix(buf.Bytes(), []byte("\n")), &got) || !reflect.DeepEqual(got, r) {
			t.Errorf("%s: %+v", buf.Bytes(), got)
		}
	}
}

func BenchmarkReadLine(b *testing.B) {
	line := []byte(`{"row":5,"time":"2026-03-04T10:02:11.482Z","side":"sender","dir":"out","kind":"data","conn":"#1","type":"text","size":90,"payload":"{\"orderId\":5,\"customer\":\"Contoso 7\",\"status\":\"shipped\",\"note\":\"leave at the door\"}"}`)
	b.Run("fast", func(b *testing.B) {
		b.SetBytes(int64(len(line)))
		b.ReportAllocs()
		for b.Loop() {
			var r Row
			if !readLine(line, &r) {
				b.Fatal("not read")
			}
		}
	})
	b.Run("slow", func(b *testing.B) {
		b.SetBytes(int64(len(line)))
		for b.Loop() {
			if _, err := slowLine(line); err != nil {
				b.Fatal(err)
			}
		}
	})
}

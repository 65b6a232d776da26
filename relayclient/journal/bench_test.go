package journal_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"relayscope/relayclient/journal"
)

// order is what an application may send: about 150 bytes.
func order(n int) journal.Row {
	return journal.Row{
		Time: time.Unix(1_772_618_531, int64(n)*100_000), Lane: journal.Lane(n%2 + 1), Direction: journal.Direction(n%2 + 1), Kind: journal.Data,
		Connection: fmt.Sprintf("#%d", n%40), Type: "text",
		Payload: fmt.Appendf(nil, `{"orderId":%d,"customer":"Contoso %d","status":"shipped","items":[{"sku":"A-%d","count":3}],"note":"leave at the door, please"}`, n, n%1000, n*7919%100_000),
	}
}

func million() *journal.Journal {
	j := journal.New(1_000_000, 2<<30)
	for n := range 1_000_000 {
		j.Append(order(n))
	}
	return j
}

func BenchmarkAppend(b *testing.B) {
	j := journal.New(100_000, 0)
	r := order(1)
	b.ReportAllocs()
	for b.Loop() {
		j.Append(r)
	}
}

// Each round is a whole filter over a million rows; first is the time until a
// screen is filled, or it is certain that it cannot be.
func BenchmarkFilterAMillion(b *testing.B) {
	j := million()
	for _, query := range []string{"dir:in", "conn:#7 size>100", "contoso 77", "nowhere", `/sku":"a-1\d3"/`, `/\d{5}[xyz]/`, "status:401"} {
		q := parse(b, query)
		b.Run(query, func(b *testing.B) {
			var first, whole time.Duration
			for b.Loop() {
				start := time.Now()
				v := newView(j, q)
				v.until(b, "filled", func() bool { c := v.Counts(); return c.Shown >= 40 || c.Done })
				first = max(first, time.Since(start))
				v.done(b)
				whole = max(whole, time.Since(start))
				b.ReportMetric(float64(v.Counts().Shown), "rows")
				v.close()
			}
			b.ReportMetric(float64(first.Microseconds())/1000, "ms-first-max")
			b.ReportMetric(float64(whole.Microseconds())/1000, "ms-whole-max")
		})
	}
}

// How long Append takes at worst while a million rows are filtered.
func BenchmarkAppendWhileFiltering(b *testing.B) {
	j := million()
	v := newView(j, parse(b, `/\d{5}[xyz]/`))
	defer v.close()
	r := order(1)
	var worst time.Duration
	for b.Loop() {
		start := time.Now()
		j.Append(r)
		worst = max(worst, time.Since(start))
	}
	b.ReportMetric(float64(worst.Microseconds()), "µs-worst")
}

// Each round records a million rows as fast as they can be written.
func BenchmarkRecord(b *testing.B) {
	rows := make([]journal.Row, 1_000_000)
	for n := range rows {
		rows[n] = order(n)
	}
	for b.Loop() {
		j := journal.New(0, 0)
		r, err := j.Record(filepath.Join(b.TempDir(), "log.jsonl"))
		if err != nil {
			b.Fatal(err)
		}
		for _, row := range rows {
			j.Append(row)
		}
		if err := r.Close(); err != nil || r.Status().Rows != 1_000_000 {
			b.Fatalf("%+v, %v", r.Status(), err)
		}
		b.SetBytes(r.Status().Bytes)
	}
	b.ReportMetric(float64(b.N)*1e6/b.Elapsed().Seconds(), "rows/s")
}

// Each round is a second with 10,000 rows: -benchtime 60x is a minute.
func BenchmarkRecordAtRate(b *testing.B) {
	j := journal.New(0, 0)
	r, err := j.Record(filepath.Join(b.TempDir(), "log.jsonl"))
	if err != nil {
		b.Fatal(err)
	}
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	sent, worst := 0, time.Duration(0)
	for b.Loop() {
		for range 100 {
			<-ticker.C
			for range 100 {
				start := time.Now()
				j.Append(order(sent))
				worst = max(worst, time.Since(start))
				sent++
			}
		}
	}
	if err := r.Close(); err != nil || r.Status().Rows != uint64(sent) {
		b.Fatalf("%+v of %d, %v", r.Status(), sent, err)
	}
	b.ReportMetric(float64(worst.Microseconds()), "µs-append-worst")
	b.ReportMetric(float64(sent), "rows")
}

// bigRecord writes a record of about so many bytes.
func bigRecord(b *testing.B, size int64) string {
	path := filepath.Join(b.TempDir(), "big.jsonl")
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	out := bufio.NewWriterSize(file, 1<<20)
	written, _ := fmt.Fprintln(out, `{"record":"relayscope","version":1,"begun":"2026-03-04T10:02:11Z"}`)
	for n := 1; int64(written) < size; n++ {
		k, err := fmt.Fprintf(out, `{"row":%d,"time":"2026-03-04T10:02:11.482Z","side":"sender","dir":"out","kind":"data","conn":"#%d","type":"text","size":90,"payload":"{\"orderId\":%d,\"customer\":\"Contoso %d\",\"status\":\"shipped\",\"note\":\"leave at the door\"}"}`+"\n", n, n%40, n, n%1000)
		if err != nil {
			b.Fatal(err)
		}
		written += k
	}
	if err := out.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := file.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

// Each round opens a record of 1 GB, fills a screen, and looks it through.
func BenchmarkOpenAGigabyte(b *testing.B) {
	path := bigRecord(b, 1<<30)
	var first, whole time.Duration
	for b.Loop() {
		start := time.Now()
		f, err := journal.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		w := watchOver(f)
		rows := make([]journal.Row, 40)
		w.until(b, "filled", func() bool { return f.Copy(1, rows) == len(rows) })
		first = max(first, time.Since(start))
		w.until(b, "done", func() bool { return f.Progress().Done })
		whole = max(whole, time.Since(start))
		w.stop()
		f.Close()
	}
	b.ReportMetric(float64(first.Microseconds())/1000, "ms-first-max")
	b.ReportMetric(float64(whole.Microseconds())/1000, "ms-whole-max")
}

// Each round filters a record of 1 GB.
func BenchmarkFilterAGigabyte(b *testing.B) {
	f := open(b, bigRecord(b, 1<<30))
	for _, query := range []string{"contoso 77", "conn:#7"} {
		q := parse(b, query)
		b.Run(query, func(b *testing.B) {
			for b.Loop() {
				v := newView(f, q)
				v.done(b)
				v.close()
			}
		})
	}
}

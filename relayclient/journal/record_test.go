package journal_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"relayscope/relayclient/journal"
)

// everything is a journal with rows of all sorts.
func everything() *journal.Journal {
	j := journal.New(0, 0)
	at := time.Date(2026, 3, 4, 10, 2, 11, 482_123_456, time.UTC)
	for _, r := range []journal.Row{
		{Time: at, Lane: journal.Listener, Kind: journal.State, Type: "online", Text: "registered in 81 ms", Facts: &journal.Facts{Legs: []journal.Leg{{Name: "DNS", Took: time.Millisecond}, {Name: "TCP", Start: time.Millisecond, Took: 1500}}}},
		{Time: at.Add(time.Second), Lane: journal.Sender, Direction: journal.Out, Kind: journal.Data, Connection: "#1", Type: "text", Payload: []byte("a \"<b>\"\n\u2028 ü \x00 7")},
		{Time: at.Add(2 * time.Second), Lane: journal.Sender, Direction: journal.In, Kind: journal.Data, Connection: "#1", Type: "binary", Payload: []byte{0xff, 0, '\n', 0xfe}, Size: 70_000},
		{Time: at, Lane: journal.Listener, Direction: journal.In, Kind: journal.HTTP, Connection: "#2", Type: "request", Text: "POST /a?x=1,2", Payload: []byte(`{"a":1}`),
			Facts: &journal.Facts{Exchange: "e-1", Method: "POST", Path: "/a?x=1,2", Remote: "192.0.2.7:5000", Header: []journal.Field{{Name: "Content-Type", Value: "application/json"}, {Name: "X-Two", Value: "1"}, {Name: "X-Two", Value: "2"}}}},
		{Time: at.Add(30 * time.Millisecond), Lane: journal.Listener, Direction: journal.Out, Kind: journal.HTTP, Connection: "#2", Type: "response", Text: "200 OK", Status: 200, Payload: []byte{1, 2, 0xff}, Mark: journal.Amber,
			Facts: &journal.Facts{Exchange: "e-1", AnsweredBy: "listener", BinaryBody: true, Legs: []journal.Leg{{Name: "Answering", Took: 20 * time.Millisecond}, {Name: "Sending", Start: 20 * time.Millisecond, Took: 10 * time.Millisecond}}}},
		{Time: at, Kind: journal.Problem, Type: "refused", Text: "=The relay, \"rejected\"", Detail: "HTTP/1.1 401\nTrackingId:7f3a_G12", TrackingID: "7f3a_G12", Status: 401, Facts: &journal.Facts{Note: "ask them"}},
		{},
	} {
		j.Append(r)
	}
	return j
}

func rowsOf(s journal.Source) []journal.Row {
	first, last := s.Bounds()
	rows := make([]journal.Row, last+1-first)
	return rows[:s.Copy(first, rows)]
}

func record(t testing.TB, j *journal.Journal) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log.jsonl")
	r, err := j.Record(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// open opens a record and waits until all of it was looked through.
func open(t testing.TB, path string) *journal.File {
	t.Helper()
	f, err := journal.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	w := watchOver(f)
	defer w.stop()
	w.until(t, "done", func() bool {
		p := f.Progress()
		if p.Err != nil {
			t.Fatal(p.Err)
		}
		return p.Done
	})
	return f
}

func TestARecordHasEveryRow(t *testing.T) {
	j := everything()
	f := open(t, record(t, j))
	got, want := rowsOf(f), rowsOf(j)
	if len(got) != len(want) {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	for i := range want {
		if !got[i].Time.Equal(want[i].Time) {
			t.Errorf("row %d was at %v, want %v", want[i].Number, got[i].Time, want[i].Time)
		}
		got[i].Time, want[i].Time = time.Time{}, time.Time{}
		if i == 3 {
			want[i].Pair = 0 // the reply came after the row was written, or before
			got[i].Pair = 0
		}
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("row %d:\n got %+v, facts %+v\nwant %+v, facts %+v", want[i].Number, got[i], got[i].Facts, want[i], want[i].Facts)
		}
	}
	if b := f.Broken(); len(b) != 0 {
		t.Errorf("broken: %v", b)
	}
}

func TestARecordFollows(t *testing.T) {
	j := journal.New(2, 0)
	for range 3 {
		j.Append(text("before"))
	}
	path := filepath.Join(t.TempDir(), "log.jsonl")
	r, err := j.Record(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.Record(path + "2"); !errors.Is(err, journal.ErrRecording) {
		t.Errorf("a second recording: %v", err)
	}
	for n := range 1000 {
		j.Append(text(fmt.Sprint(n)))
		if n%100 == 50 {
			j.Clear()
		}
	}
	j.SetMark(1_002, journal.Red)
	j.SetNote(1_003, "the last")
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if s := r.Status(); s.Rows != 1_002 || !s.Ended || s.Err != nil || s.Name != path || j.Recording() != nil {
		t.Errorf("status %+v", s)
	}
	f := open(t, path)
	if first, last := f.Bounds(); first != 2 || last != 1_003 {
		t.Errorf("Bounds = %d, %d, want 2, 1003", first, last)
	}
	for i, row := range rowsOf(f) {
		want := "before"
		if i > 1 {
			want = fmt.Sprint(i - 2)
		}
		if string(row.Payload) != want || row.Number != uint64(i+2) {
			t.Fatalf("row %d: %q, want %q", row.Number, row.Payload, want)
		}
	}
	a, _ := f.Row(1_002)
	b, _ := f.Row(1_003)
	if a.Mark != journal.Red || b.Note() != "the last" {
		t.Errorf("mark %v, note %q", a.Mark, b.Note())
	}
}

// A gate lets nothing through until it is opened.
type gate struct {
	bytes.Buffer
	open    chan struct{}
	waiting chan struct{}
	once    sync.Once
}

func (g *gate) Write(p []byte) (int, error) {
	g.once.Do(func() { close(g.waiting) })
	<-g.open
	return g.Buffer.Write(p)
}

func (g *gate) Close() error { return nil }

func TestAppendWaitsForASlowFile(t *testing.T) {
	j := journal.New(5, 0)
	g := &gate{open: make(chan struct{}), waiting: make(chan struct{})}
	r, err := j.RecordTo(g, "gate")
	if err != nil {
		t.Fatal(err)
	}
	large := bytes.Repeat([]byte("x"), 300<<10) // is written at once
	var work sync.WaitGroup
	work.Go(func() {
		for range 40 {
			j.Append(journal.Row{Payload: large})
		}
	})
	<-g.waiting
	if _, last := j.Bounds(); last >= 40 {
		t.Errorf("%d rows were appended while the file stood still", last)
	}
	close(g.open)
	work.Wait()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(g.String(), "\n{\"row\":"); got != 40 {
		t.Errorf("%d rows recorded, want 40", got)
	}
}

func TestARecordHoldsNoCredentials(t *testing.T) {
	j := journal.New(0, 0)
	j.Append(journal.Row{Kind: journal.Data, Type: "text", Payload: []byte("SharedAccessKey=hush;a"), Text: "?sig=hush", Detail: "password=hush",
		Facts: &journal.Facts{Path: "/?sb-hc-token=hush", Note: "Bearer hushhush", Header: []journal.Field{{Name: "X", Value: "sig=hush"}}}})
	path := filepath.Join(t.TempDir(), "log.jsonl")
	r, err := j.Record(path)
	if err != nil {
		t.Fatal(err)
	}
	j.SetNote(1, "client_secret=hush")
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil || bytes.Contains(data, []byte("hush")) || r.Status().Masked == 0 {
		t.Errorf("%s, %v, masked %d", data, err, r.Status().Masked)
	}
	if row, _ := j.Row(1); !strings.Contains(string(row.Payload)+row.Facts.Header[0].Value, "hush") {
		t.Error("the row itself was changed")
	}
}

// Whatever is done with a journal meanwhile, its record has every row.
func TestARecordHasEveryRowWhateverHappens(t *testing.T) {
	j := journal.New(100, 20_000)
	path := filepath.Join(t.TempDir(), "log.jsonl")
	r, err := j.Record(path)
	if err != nil {
		t.Fatal(err)
	}
	const producers, each = 4, 3_000
	var appending, meddling sync.WaitGroup
	for p := range producers {
		appending.Go(func() {
			for n := range each {
				j.Append(text(fmt.Sprintf("%d-%d", p, n)))
			}
		})
	}
	done := make(chan struct{})
	for _, meddle := range []func(n int){
		func(n int) { j.SetBounds(50+n%2_000, int64(1_000+n%50_000)) },
		func(n int) {
			undo := j.Clear()
			if n%2 == 0 {
				undo()
			}
		},
		func(n int) {
			first, last := j.Bounds()
			j.SetMark((first+last)/2, journal.Red)
			v := journal.NewView(j, parse(t, "7 or mark:red"))
			v.Copy(0, make([]journal.Row, 40))
			v.Close()
		},
	} {
		meddling.Go(func() {
			for n := 0; ; n += 37 {
				select {
				case <-done:
					return
				default:
					meddle(n)
				}
			}
		})
	}
	appending.Wait()
	close(done)
	meddling.Wait()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	f := open(t, path)
	if first, last := f.Bounds(); first != 1 || last != producers*each || len(f.Broken()) > 0 {
		t.Errorf("Bounds = %d, %d, broken %v", first, last, f.Broken())
	}
	var next [producers]int // in the order of each producer
	for _, row := range rowsOf(f) {
		var p, n int
		if _, err := fmt.Sscanf(string(row.Payload), "%d-%d", &p, &n); err != nil || n != next[p] {
			t.Fatalf("row %d is %q, want number %d of it (%v)", row.Number, row.Payload, next[p], err)
		}
		next[p]++
	}
	j.SetBounds(1, 1)
	j.Append(text("the last"))
	wantBounds(t, j, producers*each+1, producers*each+1)
	row, _ := j.Row(producers*each + 1)
	if held := int64(len(row.Payload) + len(row.Type)); j.Held() != held {
		t.Errorf("Held = %d, want %d", j.Held(), held)
	}
}

func TestALongNoteIsInTheRecord(t *testing.T) {
	j := everything()
	path := filepath.Join(t.TempDir(), "log.jsonl")
	r, err := j.Record(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < 10_000 && r.Status().Rows == 0; n++ { // nothing is written before its time
		j.Append(journal.Row{Payload: bytes.Repeat([]byte("x"), 300<<10)})
	}
	note := strings.Repeat("as long as it gets ", 2_000)
	j.SetNote(1, note)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	f := open(t, path)
	if row, _ := f.Row(1); row.Note() != note || len(f.Broken()) > 0 {
		t.Errorf("a note of %d bytes, want %d; broken: %v", len(row.Note()), len(note), f.Broken())
	}
}

func TestBrokenLinesAreNamed(t *testing.T) {
	j := journal.New(0, 0)
	for n := range 500 {
		j.Append(text(fmt.Sprint(n + 1)))
	}
	data, err := os.ReadFile(record(t, j))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(data), "\n")
	lines[100] = "\n"                                // blank
	lines[200] = "nonsense\n"                        // row 200
	lines[300] = `{"row":300,"size":"big"}` + "\r\n" // row 300
	lines[500] = lines[500][:30]                     // cut off
	path := filepath.Join(t.TempDir(), "broken.jsonl")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	f := open(t, path)
	first, last := f.Bounds()
	if first != 1 || last != 499 { // the blank line is no row
		t.Errorf("Bounds = %d, %d, want 1, 499", first, last)
	}
	whole := 0
	for _, row := range rowsOf(f) {
		if row.Kind == journal.Data {
			whole++
		} else if row.Kind != journal.Problem || !strings.Contains(row.Text, "of the record cannot be read: ") {
			t.Errorf("row %+v", row)
		}
	}
	if whole != 496 {
		t.Errorf("%d rows are whole, want 496", whole)
	}
	got := fmt.Sprint(f.Broken())
	if want := "[{201 it is no row} {301 size is a string} {501 it is cut off}]"; got != want {
		t.Errorf("Broken = %s, want %s", got, want)
	}
	if f.Progress().Broken != 3 {
		t.Errorf("Progress = %+v", f.Progress())
	}
}

func TestOpenTakesRecordsOnly(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"empty": "", "text": "hello\n", "json": "{}\n", "endless": strings.Repeat("x", 10_000), "cut": `{"record":"relayscope","version":1`,
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := journal.Open(path); !errors.Is(err, journal.ErrNoRecord) {
			t.Errorf("%s: %v", name, err)
		}
	}
	path := filepath.Join(dir, "later")
	if err := os.WriteFile(path, []byte(`{"record":"relayscope","version":9}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Open(path); err == nil || !strings.Contains(err.Error(), "it has version 9, this program reads version 1") {
		t.Errorf("later: %v", err)
	}
	if _, err := journal.Open(dir); err == nil {
		t.Error("a folder was opened")
	}
	if _, err := journal.Open(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("none: %v", err)
	}
}

func TestAViewOfARecord(t *testing.T) {
	j := journal.New(0, 0)
	for n := range 5_000 {
		j.Append(text(fmt.Sprintf("message %d", n+1)))
	}
	j.Append(journal.Row{Payload: bytes.Repeat([]byte("y"), 3<<20)}) // longer than what is read at once
	j.Append(text("message 5002"))
	f := open(t, record(t, j))
	v := view(t, f, `/e \d002$/ or mark:red`)
	v.want(t, 1_002, 2_002, 3_002, 4_002, 5_002)
	f.SetMark(3, journal.Red)
	f.SetNote(3, "three")
	v.until(t, "marked", func() bool { return v.Counts().Shown == 6 })
	v.want(t, 3, 1_002, 2_002, 3_002, 4_002, 5_002)
	if r, _ := f.Row(3); r.Mark != journal.Red || r.Note() != "three" {
		t.Errorf("mark %v, note %q", r.Mark, r.Note())
	}
	if f.SetMark(5_003, journal.Red) {
		t.Error("a row that is not there was marked")
	}
}

package journal_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"relayscope/relayclient/journal"
)

func export(t testing.TB, e journal.Export) (string, journal.Plan) {
	t.Helper()
	var out bytes.Buffer
	done, err := e.WriteTo(t.Context(), &out, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), done
}

func TestExportAsJSONLinesCanBeOpened(t *testing.T) {
	j := everything()
	path := filepath.Join(t.TempDir(), "log.jsonl")
	done, err := journal.Export{Source: j, Format: journal.JSONLines}.Write(t.Context(), path, nil)
	if err != nil || done.Rows != 7 || done.Written != 7 {
		t.Fatalf("%+v, %v", done, err)
	}
	f := open(t, path)
	got, want := rowsOf(f), rowsOf(j)
	for i := range got {
		got[i].Time, want[i].Time = time.Time{}, time.Time{}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != done.Bytes {
		t.Errorf("%v, %v, want %d bytes", info, err, done.Bytes)
	}
}

func TestExportAsCSV(t *testing.T) {
	out, _ := export(t, journal.Export{Source: everything(), Format: journal.CSV})
	records, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(records) != 8 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	cell := func(row int, column string) string { return records[row][slices.Index(records[0], column)] }
	for _, tt := range []struct {
		row          int
		column, want string
	}{
		{1, "time", "2026-03-04T10:02:11.482Z"},
		{2, "payload is", "base64"}, // there is a NUL in it
		{3, "payload", "/wAK/g=="},
		{3, "payload is", "base64, cut"},
		{3, "size", "70000"},
		{4, "path", "/a?x=1,2"},
		{4, "pair", "5"},
		{4, "payload", `{"a":1}`},
		{4, "payload is", "text"},
		{5, "status", "200"},
		{5, "latency ms", "30.000"},
		{5, "mark", "amber"},
		{6, "note", "ask them"},
		{6, "text", `'=The relay, "rejected"`}, // no formula
		{6, "detail", "HTTP/1.1 401\nTrackingId:7f3a_G12"},
		{7, "status", ""},
	} {
		if got := cell(tt.row, tt.column); got != tt.want {
			t.Errorf("%s of row %d is %q, want %q", tt.column, tt.row, got, tt.want)
		}
	}
}

func TestCSVHasNoFormulas(t *testing.T) {
	for _, cell := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u00a0=1", "\tx", "＝1", "＋1", "－1", "＠1"} {
		j := journal.New(0, 0)
		j.Append(journal.Row{Connection: cell, Type: cell, Text: cell, Detail: cell, TrackingID: cell, Payload: []byte(cell), Facts: &journal.Facts{Method: cell, Path: cell, Note: cell}})
		out, _ := export(t, journal.Export{Source: j, Format: journal.CSV})
		records, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		kept := 0
		for _, got := range records[1] {
			if got == "'"+cell {
				kept++
			}
		}
		if kept != 9 {
			t.Errorf("%q: %d cells of 9 are texts: %q", cell, kept, records[1])
		}
	}
}

func TestCSVHasNoFormulasInBase64(t *testing.T) {
	j := journal.New(0, 0)
	j.Append(journal.Row{Type: "binary", Payload: []byte("\xf8")})
	out, _ := export(t, journal.Export{Source: j, Format: journal.CSV})
	if !strings.HasSuffix(out, ",'+A==,base64\n") {
		t.Errorf("CSV %q", out)
	}
}

func TestExportsHoldNoCredentials(t *testing.T) {
	j := journal.New(0, 0)
	const secret = "SharedAccessKey=hush"
	row := func(kind string, header ...journal.Field) {
		j.Append(journal.Row{
			Lane: journal.Listener, Direction: journal.In, Kind: journal.HTTP, Type: kind, Connection: "#1", Text: secret, Detail: secret, TrackingID: secret, Payload: []byte(secret),
			Facts: &journal.Facts{Exchange: "e", Method: secret, Path: "/" + secret + "?token=hush&sig=hush", Remote: secret, Note: secret, Header: header},
		})
	}
	row("request", journal.Field{Name: "Authorization", Value: "Basic hush"}, journal.Field{Name: "ServiceBusAuthorization", Value: "hush"}, journal.Field{Name: "X", Value: secret})
	row("response", journal.Field{Name: "Set-Cookie", Value: "hush"})
	j.Append(journal.Row{Kind: journal.Data, Type: "binary", Payload: []byte("\xff" + secret)})
	j.Append(journal.Row{Kind: journal.Data, Type: "text", Payload: []byte(`{"inner":"{\"SharedAccessKey\":\"hush\"}"}`)})
	for _, format := range journal.Formats() {
		out, done := export(t, journal.Export{Source: j, Format: format})
		decoded := []byte(out) // with what is in base64
		for _, field := range strings.FieldsFunc(out, func(r rune) bool { return strings.ContainsRune("\",\n\t", r) }) {
			if data, err := base64.StdEncoding.DecodeString(field); err == nil {
				decoded = append(decoded, data...)
			}
		}
		if bytes.Contains(decoded, []byte("hush")) || done.Masked != 4 || done.Written == 0 {
			t.Errorf("%v: %+v\n%s", format, done, out)
		}
	}
}

// A file may be exported before all of it was looked through.
func TestExportWaitsForTheFile(t *testing.T) {
	j := journal.New(0, 0)
	for range 20_000 {
		j.Append(journal.Row{Payload: bytes.Repeat([]byte("x"), 500)})
	}
	path := record(t, j)
	for _, viewed := range []bool{false, true} {
		f, err := journal.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		e := journal.Export{Source: f, Format: journal.CSV}
		if viewed {
			e.View = journal.NewView(f, parse(t, "size:500"))
			defer e.View.Close()
		}
		if plan, err := e.Plan(t.Context()); err != nil || plan.Rows != 20_000 {
			t.Errorf("viewed %v: %+v, %v", viewed, plan, err)
		}
	}
}

// A har is what we look at in one.
type har struct {
	Log struct {
		Version string
		Creator struct{ Name string }
		Entries []struct {
			StartedDateTime time.Time
			Time            float64
			Request         struct {
				Method, URL string
				Headers     []struct{ Name, Value string }
				QueryString []struct{ Name, Value string }
				PostData    *struct{ MimeType, Text string }
				BodySize    int64
			}
			Response struct {
				Status  int
				Content struct {
					Size           int64
					Text, Encoding string
				}
				Comment string
			}
			Timings map[string]float64
		}
	}
}

func TestExportAsHAR(t *testing.T) {
	j := everything()
	j.Append(journal.Row{Lane: journal.Sender, Kind: journal.HTTP, Type: "request", Facts: &journal.Facts{Exchange: "e-2", Method: "GET", Path: "/unanswered"}})
	j.Append(journal.Row{Lane: journal.Listener, Kind: journal.HTTP, Type: "response", Status: 404, Facts: &journal.Facts{Exchange: "e-3", AnsweredBy: "relay"}})
	out, done := export(t, journal.Export{Source: j, Format: journal.HAR, Base: "https://contoso.servicebus.windows.net/orders/"})
	if done.Rows != 9 || done.Written != 4 {
		t.Errorf("%+v, want 4 rows of 9", done)
	}
	var h har
	if err := json.Unmarshal([]byte(out), &h); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if h.Log.Version != "1.2" || h.Log.Creator.Name != "Relayscope" || len(h.Log.Entries) != 3 {
		t.Fatalf("%+v", h)
	}
	e := h.Log.Entries[0]
	if e.Request.Method != "POST" || e.Request.URL != "https://contoso.servicebus.windows.net/orders/a?x=1,2" || len(e.Request.Headers) != 3 ||
		e.Request.QueryString[0].Value != "1,2" || e.Request.PostData.MimeType != "application/json" || e.Request.PostData.Text != `{"a":1}` || e.Request.BodySize != 7 {
		t.Errorf("request %+v", e.Request)
	}
	if e.Response.Status != 200 || e.Response.Content.Text != "AQL/" || e.Response.Content.Encoding != "base64" || e.Response.Comment != "answered by the listener" {
		t.Errorf("response %+v", e.Response)
	}
	if e.Time != 30 || e.Timings["wait"] != 20 || e.Timings["receive"] != 10 || e.Timings["dns"] != -1 {
		t.Errorf("%v ms, timings %v", e.Time, e.Timings)
	}
	if e := h.Log.Entries[1]; e.Response.Status != 404 || e.Request.Method != "" {
		t.Errorf("response without request: %+v", e)
	}
	if e := h.Log.Entries[2]; e.Response.Status != 0 || !strings.HasSuffix(e.Request.URL, "/unanswered") {
		t.Errorf("request without response: %+v", e)
	}
}

func TestHARHasBodiesThatHaveRowsOfTheirOwn(t *testing.T) {
	j := journal.New(0, 0)
	row := func(d journal.Direction, kind, payload string) {
		r := journal.Row{Lane: journal.Listener, Direction: d, Kind: journal.Data, Type: kind, Connection: "#4", Payload: []byte(payload), Facts: &journal.Facts{Method: "POST"}}
		if payload == "" {
			r.Facts.Exchange = "e-4"
		}
		j.Append(r)
	}
	row(journal.In, "request", "")
	row(journal.In, "body", "question")
	row(journal.Out, "body", "answer")
	row(journal.Out, "response", "")
	row(journal.In, "body", "of another")
	out, done := export(t, journal.Export{Source: j, Format: journal.HAR})
	var h har
	if err := json.Unmarshal([]byte(out), &h); err != nil || len(h.Log.Entries) != 1 || done.Written != 4 {
		t.Fatalf("%v, %+v, %s", err, done, out)
	}
	if e := h.Log.Entries[0]; e.Request.PostData == nil || e.Request.PostData.Text != "question" || e.Request.BodySize != 8 || e.Response.Content.Text != "answer" || e.Response.Content.Size != 6 {
		t.Errorf("%+v", e)
	}
}

func TestExportAsText(t *testing.T) {
	out, _ := export(t, journal.Export{Source: everything(), Format: journal.PlainText, First: 5, Last: 6})
	if !strings.HasPrefix(out, journal.ExportHeader+"\n5\t") || !strings.Contains(out, "\n6\t") || strings.Contains(out, "\n7\t") {
		t.Errorf("%s", out)
	}
}

func TestExportChooses(t *testing.T) {
	j := journal.New(0, 0)
	for n := range 2_000 {
		j.Append(text(fmt.Sprint(n + 1)))
	}
	v := view(t, j, "/00$/")
	for name, tt := range map[string]struct {
		export      journal.Export
		first, last string
		rows        uint64
	}{
		"all":                   {journal.Export{}, "1", "2000", 2_000},
		"selected":              {journal.Export{First: 7, Last: 9}, "7", "9", 3},
		"more than there are":   {journal.Export{First: 0, Last: 9_999}, "1", "2000", 2_000},
		"filtered":              {journal.Export{View: v.View}, "100", "2000", 20},
		"selected and filtered": {journal.Export{View: v.View, First: 150, Last: 500}, "200", "500", 4},
		"between two":           {journal.Export{View: v.View, First: 101, Last: 199}, "", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			e := tt.export
			e.Source, e.Format = j, journal.CSV
			out, done := export(t, e)
			records, err := csv.NewReader(strings.NewReader(out)).ReadAll()
			if err != nil || done.Written != tt.rows || uint64(len(records)) != tt.rows+1 {
				t.Fatalf("%d records, %+v, %v; want %d rows", len(records), done, err, tt.rows)
			}
			if tt.rows > 0 && (records[1][0] != tt.first || records[tt.rows][0] != tt.last) {
				t.Errorf("rows %s to %s, want %s to %s", records[1][0], records[tt.rows][0], tt.first, tt.last)
			}
			if plan, err := e.Plan(t.Context()); err != nil || plan != done {
				t.Errorf("planned %+v, %v, wrote %+v", plan, err, done)
			}
		})
	}
}

func TestExportPlansManyRows(t *testing.T) {
	j := journal.New(200_000, 0)
	for n := range 60_000 {
		if n%10 == 0 {
			j.Append(text("sig=hush"))
		} else {
			j.Append(text("something else"))
		}
	}
	for _, format := range journal.Formats() {
		e := journal.Export{Source: j, Format: format}
		plan, err := e.Plan(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		out, done := export(t, e)
		if strings.Contains(out, "hush") {
			t.Errorf("%s: a credential is in it", format)
		}
		if !plan.Estimated || plan.Rows != done.Rows || plan.Written != done.Written || plan.Masked != done.Masked {
			t.Errorf("%s: planned %+v, wrote %+v", format, plan, done)
		}
		if limit := max(done.Bytes/20, 100); plan.Bytes < done.Bytes-limit || plan.Bytes > done.Bytes+limit {
			t.Errorf("%s: planned %d bytes, wrote %d", format, plan.Bytes, done.Bytes)
		}
	}
}

func TestExportLeavesNothingBehind(t *testing.T) {
	j := journal.New(0, 0)
	for range 10_000 {
		j.Append(text("x"))
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "log.csv")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := journal.Export{Source: j, Format: journal.CSV}.Write(ctx, path, func(rows uint64) {
		if rows > 3_000 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Write = %v", err)
	}
	files, err := os.ReadDir(dir)
	if data, _ := os.ReadFile(path); err != nil || len(files) != 1 || string(data) != "old" {
		t.Errorf("left behind: %v, %v, %q", files, err, data)
	}
	if _, err := (journal.Export{Source: j}).Write(t.Context(), filepath.Join(dir, "none", "log"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("into no folder: %v", err)
	}
}

func FuzzExport(f *testing.F) {
	f.Add([]byte(`{"a":"<b>"}`), "text, \"quoted\"\r\n", "/p?q=%zz&r", uint8(3))
	f.Add([]byte{0xff, 0, '\r', '\n'}, "=1+1\x00", "\u2028", uint8(0xff))
	f.Fuzz(func(t *testing.T, payload []byte, words, path string, bits uint8) {
		j := journal.New(0, 0)
		facts := &journal.Facts{Exchange: words, Method: path, Path: path, Note: words, Header: []journal.Field{{Name: path, Value: words}, {Name: "content-type", Value: path}}}
		j.Append(journal.Row{Kind: journal.Kind(bits & 7), Type: "request", Payload: payload, Text: words, Detail: path, Facts: facts})
		j.Append(journal.Row{Kind: journal.HTTP, Type: "response", Size: int64(bits) << 3, Status: int(bits), Payload: payload, Facts: &journal.Facts{Exchange: words, AnsweredBy: path}})
		j.Append(journal.Row{Type: words, Connection: path, TrackingID: words, Payload: payload, Direction: journal.Direction(bits & 3), Lane: journal.Lane(bits & 3)})
		first, _ := j.Row(1)

		table, _ := export(t, journal.Export{Source: j, Format: journal.CSV})
		records, err := csv.NewReader(strings.NewReader(table)).ReadAll()
		if err != nil || len(records) != 4 {
			t.Fatalf("CSV: %d records, %v in %q", len(records), err, table)
		}
		har, _ := export(t, journal.Export{Source: j, Format: journal.HAR})
		if !json.Valid([]byte(har)) {
			t.Fatalf("HAR: %q", har)
		}
		path = filepath.Join(t.TempDir(), "log.jsonl")
		if _, err := (journal.Export{Source: j, Format: journal.JSONLines}).Write(t.Context(), path, nil); err != nil {
			t.Fatal(err)
		}
		opened := open(t, path)
		rows := rowsOf(opened)
		if len(rows) != 3 || len(opened.Broken()) > 0 {
			t.Fatalf("JSON Lines: %d rows, broken %v", len(rows), opened.Broken())
		}
		if masked := string(rows[0].Payload) != string(payload); masked && !bytes.Contains(rows[0].Payload, []byte("[redacted]")) {
			t.Errorf("payload %q came back as %q", payload, rows[0].Payload)
		}
		if utf8.ValidString(words) && rows[0].Text != first.Text && !strings.Contains(rows[0].Text, "[redacted]") {
			t.Errorf("text %q came back as %q", first.Text, rows[0].Text)
		}
		if data, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(records[1][18], "'")); records[1][19] == "base64" && (err != nil || !bytes.Equal(data, rows[0].Payload)) {
			t.Errorf("payload %q of %q, %v", records[1][18], rows[0].Payload, err)
		}
	})
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte(`{"row":5,"time":"2026-03-04T10:02:11Z","payloadBase64":"AA=="}` + "\n" + `{"annotated":5,"mark":"red"}` + "\nrubbish\n\n" + `{"row":`))
	f.Add([]byte("\r\n{\"row\":18446744073709551615,\"size\":-1}\r\n{\"row\":1}"))
	f.Fuzz(func(t *testing.T, lines []byte) {
		path := filepath.Join(t.TempDir(), "log.jsonl")
		if err := os.WriteFile(path, append([]byte(`{"record":"relayscope","version":1}`+"\n"), lines...), 0o600); err != nil {
			t.Fatal(err)
		}
		opened := open(t, path)
		first, last := opened.Bounds()
		rows := rowsOf(opened)
		if uint64(len(rows)) != last+1-first {
			t.Fatalf("%d rows, Bounds %d, %d", len(rows), first, last)
		}
		for i, r := range rows {
			if one, ok := opened.Row(r.Number); r.Number != first+uint64(i) || !ok || !reflect.DeepEqual(one, r) || r.Size < int64(len(r.Payload)) {
				t.Fatalf("row %d: %+v, alone %+v", r.Number, r, one)
			}
		}
	})
}

package journal_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient/journal"
)

func TestQueryChooses(t *testing.T) {
	long := strings.Repeat("x", 5000)
	at := func(clock string) time.Time {
		at, err := time.ParseInLocation("2006-01-02 15:04:05.000", "2026-03-04 "+clock, time.Local)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	rows := []journal.Row{
		{Number: 1, Time: at("10:02:11.482"), Lane: journal.Sender, Direction: journal.Out, Kind: journal.Data, Connection: "#3", Type: "text", Size: 5002, Payload: []byte(long + "Error code 7")},
		{Number: 2, Time: at("10:02:12.000"), Lane: journal.Listener, Direction: journal.In, Kind: journal.Data, Connection: "#3", Type: "binary", Size: 4, Payload: []byte{0, 1, 'K', 0xff}, Mark: journal.Red},
		{Number: 3, Time: at("10:03:00.000"), Kind: journal.Problem, Type: "refused", Text: "The relay rejected the token", Status: 401, TrackingID: "7f3a_G12"},
		{Number: 4, Time: at("10:03:01.000"), Lane: journal.Listener, Direction: journal.In, Kind: journal.HTTP, Connection: "#4", Type: "request", Text: "POST /api/items?page=2",
			Facts: &journal.Facts{Method: "POST", Path: "/api/items?page=2", Header: []journal.Field{{"Content-Type", "application/json"}}, Note: "look here", Remote: "192.0.2.7:5000"}},
		{Number: 5, Time: at("10:03:02.000"), Lane: journal.Listener, Direction: journal.Out, Kind: journal.HTTP, Connection: "#4", Type: "response", Text: "503 Service Unavailable", Status: 503, Latency: 150 * time.Millisecond,
			Facts: &journal.Facts{Method: "POST", AnsweredBy: "listener"}},
		{Number: 6, Kind: journal.State, Type: "closed", Text: `closed with 1000: say "bye" Grüße`, Status: 1000},
	}
	for query, want := range map[string][]uint64{
		"":                                  {1, 2, 3, 4, 5, 6},
		"   ":                               {1, 2, 3, 4, 5, 6},
		"error":                             {1},
		"ERROR code":                        {1},
		`"error CODE 7"`:                    {1},
		`"code error"`:                      {},
		"grüSSe":                            {},
		"GRÜße":                             {6},
		"token":                             {3},
		"application":                       {4},
		"look":                              {4},
		"7F3A":                              {3},
		"dir:in":                            {2, 4},
		"dir:none":                          {3, 6},
		"side:listener dir:out":             {5},
		"lane:sender,none":                  {1, 3, 6},
		"kind:data":                         {1, 2},
		"size>1k":                           {1},
		"size>=5002B size<5.1k":             {1},
		"size<1k":                           {2},
		"conn:#3":                           {1, 2},
		"conn:3,4 -kind:data":               {4, 5},
		"status:401":                        {3},
		"status:4xx,5xx":                    {3, 5},
		"status>=400 status<1000":           {3, 5},
		"latency>100ms":                     {5},
		"latency<100ms":                     {},
		"time>10:02:11":                     {2, 3, 4, 5},
		"time:10:02":                        {1, 2},
		"time<=2026-03-04T10:02:11.482":     {1},
		"time:2026-03-04":                   {1, 2, 3, 4, 5},
		"row>=3 row<5":                      {3, 4},
		`body~"e[rx]ror"`:                   {1},
		`body~"(?-i)error"`:                 {},
		`/x+error/`:                         {1},
		`/say \"bye\"/`:                     {6},
		`text~"say \"bye\""`:                {6},
		"/api/items":                        {4},
		"method:post -type:response":        {4},
		"path:items?PAGE":                   {4},
		"header:content-type":               {4},
		`header:"content-type: app"`:        {4},
		"from:192.0.2":                      {4},
		"by:listener":                       {5},
		"tracking:7f3a":                     {3},
		"mark:red":                          {2},
		"mark:any or note:here":             {2, 4},
		"is:marked or is:noted":             {2, 4},
		"is:http":                           {4, 5},
		"is:error":                          {3, 5},
		"not is:error not is:http":          {1, 2, 6},
		"-(kind:data or is:http)":           {3, 6},
		"(dir:in or dir:out) and conn:#4":   {4, 5},
		"type:text OR type:binary mark:red": {1, 2},
		"type~^re":                          {3, 4, 5},
		"--dir:in":                          {2, 4},
		"type:request,response,closed":      {4, 5, 6},
		"https://x":                         {},
	} {
		q, err := journal.Parse(query)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		again, err := journal.Parse(q.String())
		if err != nil || again.String() != q.String() {
			t.Errorf("%s: formatted as %s, which is read as %s, %v", query, q, again, err)
		}
		for _, q := range []journal.Query{q, again} {
			got := []uint64{}
			for _, r := range rows {
				if q.Match(&r) {
					got = append(got, r.Number)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s chose %v, want %v", q, got, want)
			}
		}
	}
}

func TestQueryErrorsSayWhere(t *testing.T) {
	for query, want := range map[string]string{
		"ü sise>1k":                   "at character 3: sise is no field: use text,",
		"dir>in":                      "at character 4: dir takes : or =",
		"dir:up":                      "at character 5: expected in, out or none",
		"dir:":                        "at character 5: expected in, out or none after dir:",
		"size>":                       "at character 6: expected a size such as 500, 1k or 2M after size>",
		"size>1x":                     `at character 6: expected a size such as 500, 1k or 2M: "1x" is no size`,
		"size>-1":                     `at character 6: expected a size`,
		"status:4yy":                  "at character 8: expected a status such as 401 or 4xx",
		"latency>100":                 `at character 9: expected a time such as 100ms or 1.5s: "100" is no time`,
		"time>25:00":                  "at character 6: expected a time such as 10:02:11",
		`body~"a(b"`:                  "at character 7: no regular expression: missing closing )",
		"/a(/":                        "at character 2: no regular expression: missing closing )",
		"(a or b":                     "at character 1: this parenthesis is not closed",
		"a )":                         "at character 3: there is no parenthesis to close",
		"a or":                        "at character 5: expected a word or a field",
		"( )":                         "at character 3: expected a word or a field before the parenthesis",
		`"a`:                          "at character 1: this quote is not closed",
		`""`:                          "at character 1: expected a text",
		"is:wrong":                    "at character 4: expected http, error",
		"mark:pink":                   "at character 6: expected red, amber",
		"status:401,":                 "at character 8: expected a status",
		"type:a,,b":                   "at character 6: expected a type",
		strings.Repeat("(", 60) + "a": "at character 51: too many parentheses in each other",
		strings.Repeat("a", 20_000):   "the filter is too long",
	} {
		_, err := journal.Parse(query)
		var pe *journal.ParseError
		if !errors.As(err, &pe) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v, want %s", query, err, want)
		}
	}
}

func TestHits(t *testing.T) {
	for name, tt := range map[string]struct {
		query string
		part  journal.Part
		text  string
		want  []journal.Span
	}{
		"all of them":        {"an", journal.Body, "Banana ANNA", []journal.Span{{1, 3}, {3, 5}}},
		"several words":      {"b na", journal.Body, "banana", []journal.Span{{0, 1}, {2, 4}}},
		"regular expression": {`body~"a.a"`, journal.Body, "banana", []journal.Span{{1, 4}}},
		"another part":       {"body:an", journal.Words, "banana", nil},
		"header":             {"header:json", journal.Headers, "Content-Type: application/JSON", []journal.Span{{26, 30}}},
		"negated":            {"-an", journal.Body, "banana", nil},
		"either":             {"x or (b dir:in)", journal.Body, "bx", []journal.Span{{0, 1}, {1, 2}}},
		"at most two":        {"a", journal.Body, "a a a a", []journal.Span{{0, 1}, {2, 3}}},
		"nothing asked":      {"", journal.Body, "abc", nil},
		"empty match":        {"/z*/", journal.Body, "abc", nil},
		"beyond ASCII":       {"ü", journal.Body, "Übung", []journal.Span{{0, 2}}},
	} {
		t.Run(name, func(t *testing.T) {
			q, err := journal.Parse(tt.query)
			if err != nil {
				t.Fatal(err)
			}
			if got := q.Hits(tt.part, []byte(tt.text), 2); !slices.Equal(got, tt.want) {
				t.Errorf("Hits = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestChips(t *testing.T) {
	var names []string
	for _, chip := range journal.Chips() {
		names = append(names, chip.Name)
		if both := chip.Query.And(chip.Query); chip.Name != "All" && both.String() != chip.Query.String()+" "+chip.Query.String() {
			t.Errorf("%s twice is %s", chip.Name, both)
		}
	}
	if want := []string{"All", "In", "Out", "Control", "HTTP", "Errors"}; !slices.Equal(names, want) {
		t.Errorf("chips %v, want %v", names, want)
	}
}

// Quotes may be escaped wherever a regular expression stands.
func TestRegularExpressionsAreFormatted(t *testing.T) {
	for text, want := range map[string]string{
		`text~a\"b`: `text~"a\"b"`, `text~"a\"b"`: `text~"a\"b"`, `/a\"b/`: `text~"a\"b"`,
		`text~a\/b\\"`: `text~"a/b\\\""`, `body~\d+"`: `body~"\d+\""`,
	} {
		q := parse(t, text)
		if got := q.String(); got != want || parse(t, got).String() != want {
			t.Errorf("%s is formatted as %s, want %s", text, got, want)
		}
	}
}

func FuzzQuery(f *testing.F) {
	for _, seed := range []string{`dir:in size>1k conn:#3 status:401 body~"error"`, `-(a or "b \" \\") and not /x\/y/`, `time>10:02:11Z --mark:any`, `text~"a\"b\\"`, `header:"a: b" (((a)))`} {
		f.Add(seed, []byte("some error\xff"))
	}
	f.Fuzz(func(t *testing.T, text string, payload []byte) {
		q, err := journal.Parse(text)
		if err != nil {
			var pe *journal.ParseError
			if !errors.As(err, &pe) || pe.At < 0 || pe.At > len(text) || pe.Column < 1 {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		formatted := q.String()
		again, err := journal.Parse(formatted)
		if err != nil || again.String() != formatted {
			t.Fatalf("%q is formatted as %q, and that as %q, %v", text, formatted, again, err)
		}
		row := journal.Row{Number: 3, Kind: journal.Data, Direction: journal.In, Connection: "#3", Type: "text", Payload: payload, Size: int64(len(payload)), Text: string(payload), Status: 401}
		if a, b := q.Match(&row), again.Match(&row); a != b {
			t.Fatalf("%q matches %t, its format %q %t", text, a, formatted, b)
		}
		end := 0
		for _, s := range q.Hits(journal.Body, payload, 10) {
			if s.Start < end || s.End <= s.Start || s.End > len(payload) {
				t.Fatalf("hit %v after %d in %q", s, end, payload)
			}
			end = s.End
		}
	})
}

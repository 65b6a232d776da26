package journal

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// An exportWriter writes rows in one format, without credentials.
type exportWriter struct {
	out     *counter
	format  format
	masker  masker
	written uint64
}

// A format writes rows that are masked; row reports how many are in the output
// now that were not before.
type format interface {
	begin() error
	row(Row) (written uint64, err error)
	end() (written uint64, err error)
}

// A counter counts what is written.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

func newExportWriter(e Export, out io.Writer) *exportWriter {
	w := &exportWriter{out: &counter{w: out}}
	switch e.Format {
	case CSV:
		w.format = &csvFormat{csv: csv.NewWriter(w.out)}
	case HAR:
		w.format = &harFormat{out: w.out, base: strings.TrimSuffix(e.Base, "/")}
	case PlainText:
		w.format = textFormat{w.out}
	default:
		w.format = &linesFormat{out: w.out}
	}
	return w
}

func (w *exportWriter) begin() error { return w.format.begin() }

func (w *exportWriter) row(r Row) error {
	n, err := w.format.row(w.masker.mask(r))
	w.written += n
	return err
}

func (w *exportWriter) end() error {
	n, err := w.format.end()
	w.written += n
	return err
}

// bytes returns how much was written so far.
func (w *exportWriter) bytes() int64 {
	if f, ok := w.format.(*csvFormat); ok {
		f.csv.Flush() // its errors come back with the next row
	}
	return w.out.n
}

// linesFormat is the format of records.
type linesFormat struct {
	out io.Writer
	buf bytes.Buffer
}

func (f *linesFormat) begin() error {
	if err := encode(&f.buf, recordHead{Record: "relayscope", Version: recordVersion, Begun: time.Now()}); err != nil {
		return err
	}
	return f.flush()
}

func (f *linesFormat) row(r Row) (uint64, error) {
	if err := appendLine(&f.buf, &r); err != nil {
		return 0, err
	}
	return 1, f.flush()
}

func (f *linesFormat) flush() error {
	_, err := f.out.Write(f.buf.Bytes())
	f.buf.Reset()
	return err
}

func (f *linesFormat) end() (uint64, error) { return 0, nil }

// csvFormat is RFC 4180, as spreadsheets read it.
type csvFormat struct{ csv *csv.Writer }

var csvColumns = []string{
	"row", "time", "side", "direction", "kind", "connection", "type", "size", "status", "latency ms", "pair", "method", "path",
	"tracking ID", "mark", "note", "text", "detail", "payload", "payload is",
}

func (f *csvFormat) begin() error {
	if err := f.csv.Write(csvColumns); err != nil {
		return err
	}
	f.csv.Flush()
	return f.csv.Error()
}

func (f *csvFormat) row(r Row) (uint64, error) {
	facts := r.facts()
	payload, encoding := string(r.Payload), "text"
	switch {
	case len(r.Payload) == 0:
		encoding = ""
	case !utf8.Valid(r.Payload) || bytes.IndexByte(r.Payload, 0) >= 0:
		payload, encoding = base64.StdEncoding.EncodeToString(r.Payload), "base64"
	}
	if r.Truncated && encoding != "" {
		encoding += ", cut"
	}
	fields := []string{
		strconv.FormatUint(r.Number, 10), timeText(r.Time), r.Lane.String(), r.Direction.String(), r.Kind.String(), r.Connection, r.Type,
		strconv.FormatInt(r.Size, 10), unlessZero(int64(r.Status)), latencyText(r.Latency), unlessZero(int64(r.Pair)), facts.Method, facts.Path,
		r.TrackingID, markText(r.Mark), facts.Note, r.Text, r.Detail, payload, encoding,
	}
	for i, field := range fields {
		fields[i] = harmless(strings.ReplaceAll(strings.ToValidUTF8(field, "\ufffd"), "\x00", "\ufffd"))
	}
	return 1, f.csv.Write(fields)
}

func (f *csvFormat) end() (uint64, error) {
	f.csv.Flush()
	return 0, f.csv.Error()
}

// harmless keeps a spreadsheet from taking a text that somebody sent for a
// formula. Some look past white space, and take wide characters as well. Base64
// may begin with a plus, too: a program that decodes it skips the apostrophe.
func harmless(cell string) string {
	if strings.HasPrefix(cell, "\t") || strings.HasPrefix(cell, "\r") || strings.IndexAny(strings.TrimSpace(cell), "=+-@＝＋－＠") == 0 {
		return "'" + cell
	}
	return cell
}

// textFormat is what Copy puts on the clipboard.
type textFormat struct{ out io.Writer }

func (f textFormat) begin() error {
	_, err := io.WriteString(f.out, ExportHeader+"\n")
	return err
}

func (f textFormat) row(r Row) (uint64, error) {
	_, err := io.WriteString(f.out, r.Export())
	return 1, err
}

func (f textFormat) end() (uint64, error) { return 0, nil }

func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02T15:04:05.000Z07:00")
}

// latencyText is in milliseconds.
func latencyText(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 3, 64)
}

func unlessZero(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func markText(m Mark) string {
	if m == NoMark {
		return ""
	}
	return m.String()
}

package journal

import (
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"
)

// FullText shows a whole payload. Text gets the escapes of Preview, but line
// breaks (LF and CR LF) and tabs are kept. Binary payloads become a hex dump:
// offset, sixteen bytes, and the same bytes as ASCII. The dump is about five
// times as long as the payload; callers that show a part pass a part.
func FullText(payload []byte, binary bool) string {
	if binary {
		return hex.Dump(payload)
	}
	out := make([]byte, 0, len(payload)+len(payload)/16)
	for len(payload) > 0 {
		r, size := utf8.DecodeRune(payload)
		switch {
		case r == '\n' || r == '\t':
			out = append(out, byte(r))
		case r == '\r' && len(payload) > 1 && payload[1] == '\n':
			size = 2
			out = append(out, '\n')
		default:
			out = appendVisible(out, r, payload[:size])
		}
		payload = payload[size:]
	}
	return string(out)
}

// ExportHeader names the columns of Row.Export's first line.
const ExportHeader = "number\ttime\tlane\tdirection\tkind\tconnection\ttype\tsize\tstatus\tlatency ms\ttracking ID\tmark\tnote\ttext"

// Export returns the row for the clipboard: one line of tab-separated fields
// as named by ExportHeader, then the payload or the raw answer as FullText
// shows it, each line after a tab: it must not look like another row. Secrets are not looked for; that is for whoever appends rows.
func (r Row) Export() string {
	fields := []string{
		strconv.FormatUint(r.Number, 10),
		timeText(r.Time),
		r.Lane.String(),
		r.Direction.String(),
		r.Kind.String(),
		r.Connection,
		r.Type,
		strconv.FormatInt(r.Size, 10),
		unlessZero(int64(r.Status)),
		latencyText(r.Latency),
		r.TrackingID,
		markText(r.Mark),
		r.Note(),
		r.Text,
	}
	var out strings.Builder
	for i, field := range fields {
		if i > 0 {
			out.WriteByte('\t')
		}
		// A tab or line break inside a field would move the fields after it.
		out.WriteString(Preview([]byte(field), false, len(field)*maxEscape))
	}
	out.WriteByte('\n')
	for _, block := range []string{FullText(r.Payload, r.Binary()), FullText([]byte(r.Detail), false)} {
		for line := range strings.Lines(block) {
			out.WriteString("\t" + line)
		}
		if block != "" && !strings.HasSuffix(block, "\n") {
			out.WriteByte('\n')
		}
	}
	if missing := r.Size - int64(len(r.Payload)); r.Truncated && missing > 0 {
		out.WriteString("… " + strconv.FormatInt(missing, 10) + " more bytes were not kept\n")
	}
	return out.String()
}

// maxEscape is the most characters one byte of text can turn into: \xNN.
const maxEscape = 4

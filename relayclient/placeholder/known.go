package placeholder

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	mathrand "math/rand/v2"
	"strconv"
	"strings"
)

// A known placeholder. make returns nil if it cannot make sense of the
// argument.
type known struct {
	name    string
	use     Use
	needs   bool // an argument
	example string
	means   string
	make    func(arg string) func(*Values) []byte
}

// all lists the placeholders, the most wanted first.
var all = []known{
	{"counter", Sending, false, "counter:1", "1, 2, 3 …; another beginning such as 0100 keeps its width", counter},
	{"time", Sending, false, "time:ms", "the time now, as 2026-01-31T10:02:11.482Z, or as s or ms since 1970, or local", clock},
	{"uuid", Sending, false, "uuid", "a new random UUID each time", plain(func(*Values) string { return uuid() })},
	{"random", Sending, true, "random:1-100", "a random whole number, both ends included", random},
	{"message", Replying, false, "message:order.id", "what is answered, or one value of its JSON", message},
	{"size", Replying, false, "size", "how many bytes that was", plain(func(v *Values) string { return strconv.Itoa(len(v.Message)) })},
	{"connection", Replying, false, "connection", "the ID of the connection or request", plain(func(v *Values) string { return v.Connection })},
	{"method", Replying, false, "method", "of an HTTP request", plain(func(v *Values) string { return v.Method })},
	{"path", Replying, false, "path", "what follows the hybrid connection's name", plain(func(v *Values) string { return v.Path })},
	{"query", Replying, false, "query", "what follows the question mark", plain(func(v *Values) string { return v.Query })},
	{"header", Replying, true, "header:Content-Type", "a header that the sender sent", header},
	{"remote", Replying, false, "remote", "the sender's address, as the relay saw it", plain(func(v *Values) string { return v.Remote })},
}

// plain makes a placeholder that takes no argument.
func plain(f func(*Values) string) func(string) func(*Values) []byte {
	return func(arg string) func(*Values) []byte {
		if arg != "" {
			return nil
		}
		return func(v *Values) []byte { return []byte(f(v)) }
	}
}

func counter(arg string) func(*Values) []byte {
	first, width := int64(1), 0
	if arg != "" {
		n, err := strconv.ParseInt(arg, 10, 64)
		if err != nil || n < 0 || len(arg) > 18 {
			return nil
		}
		first = n
		if arg[0] == '0' {
			width = len(arg)
		}
	}
	return func(v *Values) []byte { return fmt.Appendf(nil, "%0*d", width, first+v.Count-1) }
}

func clock(arg string) func(*Values) []byte {
	const layout = "2006-01-02T15:04:05.000Z07:00"
	switch arg {
	case "":
		return func(v *Values) []byte { return v.Now.UTC().AppendFormat(nil, layout) }
	case "local":
		return func(v *Values) []byte { return v.Now.Local().AppendFormat(nil, layout) }
	case "s":
		return func(v *Values) []byte { return strconv.AppendInt(nil, v.Now.Unix(), 10) }
	case "ms":
		return func(v *Values) []byte { return strconv.AppendInt(nil, v.Now.UnixMilli(), 10) }
	}
	return nil
}

func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func random(arg string) func(*Values) []byte {
	from, to, _ := strings.Cut(arg, "-")
	low, err := strconv.ParseUint(strings.TrimSpace(from), 10, 62)
	high, err2 := strconv.ParseUint(strings.TrimSpace(to), 10, 62)
	if err != nil || err2 != nil || high < low {
		return nil
	}
	return func(*Values) []byte { return strconv.AppendUint(nil, low+mathrand.Uint64N(high-low+1), 10) }
}

// message is what is answered, or a value in it. A value that is not there, or
// in something that is no JSON, is empty.
func message(arg string) func(*Values) []byte {
	if arg == "" {
		return func(v *Values) []byte { return v.Message }
	}
	steps := strings.Split(arg, ".")
	return func(v *Values) []byte { return inside(v.Message, steps) }
}

// inside walks into JSON by the names of members and the numbers of elements.
// Numbers come out as they were written, texts without their quotation marks.
func inside(data []byte, steps []string) []byte {
	for _, step := range steps {
		data = bytes.TrimSpace(data)
		var members map[string]json.RawMessage
		var elements []json.RawMessage
		i, notNumber := strconv.Atoi(step)
		switch {
		case json.Unmarshal(data, &members) == nil:
			data = members[step]
		case notNumber == nil && json.Unmarshal(data, &elements) == nil && i >= 0 && i < len(elements):
			data = elements[i]
		default:
			return nil
		}
	}
	var text string
	if json.Unmarshal(data, &text) == nil {
		if bytes.Equal(bytes.TrimSpace(data), []byte("null")) {
			return []byte("null")
		}
		return []byte(text)
	}
	return data
}

func header(arg string) func(*Values) []byte {
	return func(v *Values) []byte { return []byte(strings.Join(v.Header.Values(arg), ", ")) }
}

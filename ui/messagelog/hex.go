package messagelog

import (
	"fmt"

	"relayscope/relayclient/journal"
	"relayscope/ui/widgets"
)

// A hexDump is bytes with their offsets: as many in a line as there is room
// for.
type hexDump struct {
	data []byte
	per  int // bytes in a line: 16, 8 or 4
}

// fitting returns a dump whose lines take at most so many cells, if they can.
func fitting(data []byte, cells int) hexDump {
	for _, per := range []int{16, 8} {
		if d := (hexDump{data, per}); d.width() <= cells {
			return d
		}
	}
	return hexDump{data, 4}
}

const hexOffset = 10 // "00000010  "

// hexAt is the column of byte i of a line, and textAt that of its character.
func (d hexDump) hexAt(i int) int  { return hexOffset + 3*i + i/8 }
func (d hexDump) textAt(i int) int { return d.hexAt(d.per-1) + 5 + i }
func (d hexDump) width() int       { return d.textAt(d.per) + 1 }

// text writes the dump.
func (d hexDump) text() string {
	const digits = "0123456789abcdef"
	out := make([]byte, 0, (len(d.data)/d.per+1)*(d.width()+1))
	for at := 0; at < len(d.data); at += d.per {
		line := d.data[at:min(at+d.per, len(d.data))]
		from := len(out)
		out = fmt.Appendf(out, "%08x", at)
		for len(out) < from+d.width() {
			out = append(out, ' ')
		}
		for i, b := range line {
			out[from+d.hexAt(i)], out[from+d.hexAt(i)+1] = digits[b>>4], digits[b&15]
			out[from+d.textAt(i)] = '.'
			if b >= ' ' && b <= '~' {
				out[from+d.textAt(i)] = b
			}
		}
		out[from+d.textAt(0)-1], out[from+d.textAt(len(line))] = '|', '|'
		out = append(out[:from+d.textAt(len(line))+1], '\n')
	}
	return string(out)
}

// tints mutes the offsets.
func (d hexDump) tints() []widgets.Tinted {
	if len(d.data) > maxTinted/4 {
		return nil
	}
	var all []widgets.Tinted
	for at := 0; at < len(d.data); at += d.per {
		from := at / d.per * (d.width() + 1)
		all = append(all, tinted(from, from+8, widgets.Muted))
	}
	return all
}

// parts are the places in the dump of spans of bytes, in order.
func (d hexDump) parts(spans []journal.Span) []widgets.Part {
	var all []widgets.Part
	for _, s := range spans {
		for from := s.Start; from < s.End; {
			line := from / d.per
			to := min(s.End, (line+1)*d.per)
			start, i, j := line*(d.width()+1), from%d.per, (to-1)%d.per
			all = append(all, widgets.Part{From: start + d.hexAt(i), To: start + d.hexAt(j) + 2})
			from = to
		}
	}
	return all
}

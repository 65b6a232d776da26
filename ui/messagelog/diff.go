package messagelog

import (
	"strconv"
	"strings"
	"time"

	"github.com/sergi/go-diff/diffmatchpatch"

	"relayscope/ui/widgets"
)

// How two lines differ.
const (
	equal   = " "
	changed = "≠"
	gone    = "−" // only on the left
	added   = "+" // only on the right
)

// A diffLine is a line of one text beside the one of the other.
type diffLine struct {
	sign          string
	left, right   string
	leftN, rightN int           // their numbers; 0 where there is none
	hits          []widgets.Hit // what differs within them
}

// diffLines shows two texts side by side.
type diffLines struct{ lines []diffLine }

// The cells of a line.
const (
	cellLeft  = 1
	cellRight = 4
)

// Bounds implements widgets.LogSource.
func (d *diffLines) Bounds() (first, last uint64) { return 1, uint64(len(d.lines)) }

// Lines implements widgets.LogSource.
func (d *diffLines) Lines(from uint64, dst []widgets.Line) int {
	n := 0
	for at := max(1, from); n < len(dst) && at <= uint64(len(d.lines)); at++ {
		l := &d.lines[at-1]
		tone := widgets.Normal
		switch l.sign {
		case gone:
			tone = widgets.Bad
		case added:
			tone = widgets.Good
		case changed:
			tone = widgets.Warning
		}
		dst[n] = widgets.Line{Number: at, Tone: tone, Hits: l.hits,
			Cells: append(dst[n].Cells[:0], lineNumber(l.leftN), l.left, l.sign, lineNumber(l.rightN), l.right)}
		n++
	}
	return n
}

func lineNumber(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// summary counts what differs.
func (d *diffLines) summary() string {
	var counts = map[string]uint64{}
	for _, l := range d.lines {
		counts[l.sign]++
	}
	if counts[equal] == uint64(len(d.lines)) {
		return "Both say the same"
	}
	var parts []string
	for _, part := range []struct{ sign, words string }{{changed, "changed"}, {gone, "only in the first"}, {added, "only in the second"}, {equal, "equal"}} {
		if n := counts[part.sign]; n > 0 {
			parts = append(parts, part.sign+" "+count(n, "line")+" "+part.words)
		}
	}
	return strings.TrimSpace(strings.Join(parts, " · "))
}

// text writes lines as a difference is usually written.
func (d *diffLines) text(first, last uint64) string {
	var b strings.Builder
	for _, l := range d.lines[min(first-1, uint64(len(d.lines))):min(last, uint64(len(d.lines)))] {
		if l.sign == equal {
			b.WriteString("  " + l.left + "\n")
			continue
		}
		if l.leftN > 0 {
			b.WriteString("- " + l.left + "\n")
		}
		if l.rightN > 0 {
			b.WriteString("+ " + l.right + "\n")
		}
	}
	return b.String()
}

// Bounds on the work of a comparison.
const (
	diffPatience = 2 * time.Second
	maxWithin    = 4 << 10 // bytes of a line in which single differences are looked for
)

// diff puts the lines of two texts beside each other.
func diff(a, b string) []diffLine {
	m := diffmatchpatch.New()
	m.DiffTimeout = diffPatience
	left, right, all := m.DiffLinesToRunes(ended(a), ended(b))
	var lines []diffLine
	var minus, plus []string
	leftN, rightN := 0, 0
	flush := func() {
		for i := range max(len(minus), len(plus)) {
			l := diffLine{sign: changed}
			if i < len(minus) {
				leftN++
				l.left, l.leftN = minus[i], leftN
			} else {
				l.sign = added
			}
			if i < len(plus) {
				rightN++
				l.right, l.rightN = plus[i], rightN
			} else {
				l.sign = gone
			}
			if l.sign == changed {
				l.hits = within(m, l.left, l.right)
			}
			lines = append(lines, l)
		}
		minus, plus = nil, nil
	}
	for _, part := range m.DiffCharsToLines(m.DiffMainRunes(left, right, false), all) {
		texts := strings.Split(strings.TrimSuffix(part.Text, "\n"), "\n")
		switch part.Type {
		case diffmatchpatch.DiffDelete:
			minus = append(minus, texts...)
		case diffmatchpatch.DiffInsert:
			plus = append(plus, texts...)
		default:
			flush()
			for _, text := range texts {
				leftN, rightN = leftN+1, rightN+1
				lines = append(lines, diffLine{sign: equal, left: text, right: text, leftN: leftN, rightN: rightN})
			}
		}
	}
	flush()
	return lines
}

// ended makes sure that the last line ends like the others.
func ended(text string) string {
	text = strings.ReplaceAll(text, "\t", "    ")
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text
}

// within returns what differs within two lines.
func within(m *diffmatchpatch.DiffMatchPatch, left, right string) []widgets.Hit {
	if len(left) > maxWithin || len(right) > maxWithin {
		return nil
	}
	var hits []widgets.Hit
	l, r := 0, 0
	for _, part := range m.DiffCleanupSemantic(m.DiffMain(left, right, false)) {
		n := len(part.Text)
		switch part.Type {
		case diffmatchpatch.DiffDelete:
			hits = append(hits, widgets.Hit{Cell: cellLeft, From: l, To: l + n})
			l += n
		case diffmatchpatch.DiffInsert:
			hits = append(hits, widgets.Hit{Cell: cellRight, From: r, To: r + n})
			r += n
		default:
			l, r = l+n, r+n
		}
	}
	return hits
}

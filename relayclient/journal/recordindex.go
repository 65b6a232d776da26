package journal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
)

// index reads the file piece by piece. Lines may be longer than a piece, so
// only how a line begins and ends is looked at.
func (f *File) index(ctx context.Context) error {
	x := indexer{f: f, offset: f.Progress().Bytes, line: 2}
	buf := make([]byte, 1<<20)
	at := x.offset
	for ctx.Err() == nil {
		n, err := f.file.ReadAt(buf, at)
		at += int64(n)
		for piece := buf[:n]; len(piece) > 0; {
			i := bytes.IndexByte(piece, '\n')
			if i < 0 {
				x.part(piece)
				break
			}
			x.part(piece[:i])
			x.endLine(1)
			piece = piece[i+1:]
		}
		if err == io.EOF {
			if x.length > 0 {
				x.endLine(0)
			}
			x.publish()
			return nil
		}
		if err != nil {
			return err
		}
		x.publish()
	}
	return ctx.Err()
}

// An indexer goes from line to line.
type indexer struct {
	f      *File
	offset int64  // of the line under way
	line   int    // its number
	length int64  // of what was seen of it
	start  []byte // how it begins
	last   byte   // how it ends, without line breaks

	total  uint64  // rows so far
	begun  bool    // a row has told which number it has
	chunks []chunk // that nobody knows of yet
	chunk  chunk   // the last of all
}

// startBytes is how much of a row is looked at: enough for the numbers that its
// beginning has. An annotation is looked at as a whole.
const (
	startBytes    = 4096
	maxAnnotation = 1 << 20
)

// part takes a piece of the line under way.
func (x *indexer) part(piece []byte) {
	keep := min(len(piece), max(0, startBytes-len(x.start)))
	x.start = append(x.start, piece[:keep]...)
	if bytes.HasPrefix(x.start, []byte(annotationStart)) {
		rest := piece[keep:]
		x.start = append(x.start, rest[:min(len(rest), maxAnnotation-len(x.start))]...)
	}
	x.length += int64(len(piece))
	if text := bytes.TrimRight(piece, "\r"); len(text) > 0 {
		x.last = text[len(text)-1]
	}
}

// endLine ends the line under way, after which there are so many bytes more.
func (x *indexer) endLine(newline int64) {
	switch {
	case isBlank(x.start):
	case bytes.HasPrefix(x.start, []byte(annotationStart)):
		x.f.applyLine(x.start, x.line)
	default:
		x.row(newline > 0)
	}
	x.offset += x.length + newline
	x.line++
	x.length, x.start, x.last = 0, x.start[:0], 0
}

// row counts the line under way as a row, whatever is in it.
func (x *indexer) row(whole bool) {
	if len(x.chunks) == 0 && x.total == 0 || x.total-x.chunk.row >= chunkRows || x.offset-x.chunk.offset >= chunkBytes {
		x.chunk = chunk{x.offset, x.total, x.line}
		x.chunks = append(x.chunks, x.chunk)
	}
	switch number, ok := numberOf(x.start); {
	case x.last != '}' && !whole:
		x.f.breaks(x.line, errors.New("it is cut off"))
	case x.last != '}' || !ok:
		x.f.breaks(x.line, errors.New("it is no row"))
	case !x.begun:
		x.begun = true
		x.f.begin(number - min(number, x.total))
	}
	x.total++
}

// publish makes known what was found.
func (x *indexer) publish() {
	f := x.f
	f.mu.Lock()
	f.chunks = append(f.chunks, x.chunks...)
	f.rows = x.total
	f.progress.Bytes = x.offset
	f.mu.Unlock()
	x.chunks = x.chunks[:0]
	f.watchers.call()
}

// begin sets the number of the first row, unless rows are known already.
func (f *File) begin(base uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.rows == 0 {
		f.base = max(base, 1)
	}
}

// applyLine takes a change of a mark or a note into account.
func (f *File) applyLine(text []byte, number int) {
	var l annotationLine
	if err := json.Unmarshal(text, &l); err != nil {
		f.breaks(number, errors.New("it is no change of a mark or a note"))
		return
	}
	mark, _ := parseMark(l.Mark)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.overlay[l.Row] = annotation{mark, l.Note}
	f.annotated = append(f.annotated, l.Row)
}

func isBlank(line []byte) bool { return len(bytes.TrimRight(line, "\r")) == 0 }

// numberOf returns the number of a row that begins so.
func numberOf(start []byte) (number uint64, ok bool) {
	digits, ok := bytes.CutPrefix(start, []byte(rowStart))
	if !ok {
		return 0, false
	}
	end := bytes.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' })
	number, err := strconv.ParseUint(string(digits[:max(0, end)]), 10, 63)
	return number, err == nil
}

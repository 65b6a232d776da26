package journal

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sort"
	"sync"
)

// A File is a record that was opened. Its rows stay in the file and are read
// when they are asked for; where they are is found out in the background, so
// Bounds grows until Progress says that all is done. A line that is no row is
// a row that says so, and is listed by Broken.
//
// Marks and notes that are set on a File are kept as long as it is open.
type File struct {
	watchers watchers
	path     string
	file     *os.File
	cancel   context.CancelFunc
	done     chan struct{} // closed when the background has ended

	mu        sync.Mutex
	base      uint64  // number of the first row
	chunks    []chunk // in their order
	rows      uint64  // in all chunks
	progress  Progress
	broken    []BrokenLine // the first of them
	overlay   map[uint64]annotation
	annotated []uint64
}

// A chunk is a piece of the file that is read at once.
type chunk struct {
	offset int64
	row    uint64 // how many rows are before it
	line   int    // number of its first line, from 1
}

// A chunk has no more rows than that, and is not begun anew with fewer bytes
// or rows than fit.
const (
	chunkRows  = 128
	chunkBytes = 256 << 10
)

// maxBroken is how many broken lines are listed.
const maxBroken = 1000

// An annotation is what people wrote on a row later.
type annotation struct {
	mark Mark
	note string
}

// Progress is how far a file was looked through.
type Progress struct {
	Bytes, Size int64
	Rows        uint64
	Broken      int // lines
	Done        bool
	Err         error // why the rest could not be read
}

// A BrokenLine is a line of a record that is no row.
type BrokenLine struct {
	Line   int // from 1
	Reason string
}

// ErrNoRecord means that a file is not a record that this program can read.
var ErrNoRecord = errors.New("this is not a recorded message log")

// Open opens a record. Its first rows are there at once.
func Open(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open record: %w", err)
	}
	f := &File{path: path, file: file, base: 1, done: make(chan struct{}), overlay: map[uint64]annotation{}}
	if err := f.readHead(); err != nil {
		file.Close()
		return nil, fmt.Errorf("open record %s: %w", path, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	f.cancel = cancel
	go f.run(ctx)
	return f, nil
}

// readHead looks at the first line.
func (f *File) readHead() error {
	info, err := f.file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return ErrNoRecord
	}
	f.progress.Size = info.Size()
	line, err := bufio.NewReader(io.NewSectionReader(f.file, 0, 4096)).ReadSlice('\n')
	var head recordHead
	switch {
	case err != nil || json.Unmarshal(line, &head) != nil || head.Record != "relayscope":
		return ErrNoRecord
	case head.Version != recordVersion:
		return fmt.Errorf("it has version %d, this program reads version %d", head.Version, recordVersion)
	}
	f.progress.Bytes = int64(len(line))
	return nil
}

// Close ends the looking through and closes the file. Rows cannot be read any
// more.
func (f *File) Close() error {
	f.cancel()
	<-f.done
	return f.file.Close()
}

// wait returns when all of the file was looked through, or when ctx ends.
func (f *File) wait(ctx context.Context) error {
	select {
	case <-f.done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Path returns the name of the file.
func (f *File) Path() string { return f.path }

// Progress returns how far the file was looked through.
func (f *File) Progress() Progress {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.progress
	p.Rows = f.rows
	return p
}

// Broken returns the first lines that are no rows.
func (f *File) Broken() []BrokenLine {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.broken)
}

// Bounds returns the numbers of the first and the last row found so far.
func (f *File) Bounds() (first, last uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.base, f.base + f.rows - 1
}

// Dropped returns 0: a record has all rows.
func (f *File) Dropped() (rows uint64, bytes int64) { return 0, 0 }

// Watch has f called after every change: see Source.
func (f *File) Watch(changed func()) (stop func()) { return f.watchers.add(changed) }

// SetMark marks row n. It reports false when there is none.
func (f *File) SetMark(n uint64, m Mark) bool {
	return f.annotate(n, func(a *annotation) { a.mark = m })
}

// SetNote writes a note on row n. It reports false when there is none.
func (f *File) SetNote(n uint64, note string) bool {
	return f.annotate(n, func(a *annotation) { a.note = note })
}

func (f *File) annotate(n uint64, change func(*annotation)) bool {
	r, ok := f.Row(n)
	if !ok {
		return false
	}
	f.mu.Lock()
	a, known := f.overlay[n]
	if !known {
		a = annotation{r.Mark, r.Note()}
	}
	change(&a)
	f.overlay[n] = a
	f.annotated = append(f.annotated, n)
	f.mu.Unlock()
	f.watchers.call()
	return true
}

// Annotated tells which marks and notes have changed: see Source.
func (f *File) Annotated(since int) (rows []uint64, changes int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	changes = len(f.annotated)
	return slices.Clone(f.annotated[min(since, changes):]), changes
}

// Row reads row n.
func (f *File) Row(n uint64) (Row, bool) {
	var one [1]Row
	if f.Copy(n, one[:]) == 0 || one[0].Number != n {
		return Row{}, false
	}
	return one[0], true
}

// Copy reads rows from number from on: see Source.
func (f *File) Copy(from uint64, dst []Row) int {
	n := 0
	for n < len(dst) {
		f.mu.Lock()
		from = max(from, f.base)
		index := from - f.base
		if index >= f.rows {
			f.mu.Unlock()
			break
		}
		i := sort.Search(len(f.chunks), func(i int) bool { return f.chunks[i].row > index }) - 1
		c, end := f.chunks[i], f.progress.Bytes
		if i+1 < len(f.chunks) {
			end = f.chunks[i+1].offset
		}
		annotated, base := len(f.overlay) > 0, f.base
		f.mu.Unlock()
		got := f.read(c, end, int(index-c.row), dst[n:], base, annotated)
		if got == 0 {
			break // closed, or the file was changed by somebody else
		}
		n += got
		from += uint64(got)
	}
	return n
}

// chunkBuffers hold chunks while their rows are read.
var chunkBuffers = sync.Pool{New: func() any { return new([]byte) }}

// read reads rows of a chunk that ends before end, without the first skip.
func (f *File) read(c chunk, end int64, skip int, dst []Row, base uint64, annotated bool) int {
	buf := chunkBuffers.Get().(*[]byte)
	defer chunkBuffers.Put(buf)
	if int64(cap(*buf)) < end-c.offset {
		*buf = make([]byte, end-c.offset)
	}
	text := (*buf)[:end-c.offset]
	if _, err := f.file.ReadAt(text, c.offset); err != nil {
		return 0
	}
	n := 0
	row := c.row
	for line := c.line; len(text) > 0 && n < len(dst); line++ {
		var one []byte
		if i := bytes.IndexByte(text, '\n'); i >= 0 {
			one, text = text[:i], text[i+1:]
		} else {
			one, text = text, nil
		}
		if isBlank(one) || bytes.HasPrefix(one, []byte(annotationStart)) {
			continue
		}
		if skip > 0 {
			skip--
		} else {
			dst[n] = f.parse(one, line, base+row, annotated)
			n++
		}
		row++
	}
	return n
}

// parse makes row number n of a line.
func (f *File) parse(text []byte, line int, n uint64, annotated bool) Row {
	r, err := parseLine(text)
	if err != nil || !bytes.HasPrefix(text, []byte(rowStart)) {
		if err == nil {
			err = errors.New("it is no row")
		}
		f.breaks(line, err)
		head := Preview(text[:min(len(text), 4096)], false, 1000)
		return Row{Number: n, Kind: Problem, Type: "broken", Text: fmt.Sprintf("Line %d of the record cannot be read: %s", line, err), Detail: head}
	}
	if r.Number != n {
		r.Number, r.Pair = n, 0 // rows are missing, so numbers in the file lead elsewhere
	}
	if !annotated {
		return r
	}
	f.mu.Lock()
	a, known := f.overlay[n]
	f.mu.Unlock()
	if known {
		r.Mark = a.mark
		if a.note != r.Note() {
			r.Facts = r.Facts.withNote(a.note)
		}
	}
	return r
}

// breaks lists a broken line.
func (f *File) breaks(line int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i, known := slices.BinarySearchFunc(f.broken, line, func(b BrokenLine, line int) int { return b.Line - line })
	if known || len(f.broken) >= maxBroken {
		return
	}
	f.broken = slices.Insert(f.broken, i, BrokenLine{line, err.Error()})
	f.progress.Broken = len(f.broken)
}

// run finds out where the rows are.
func (f *File) run(ctx context.Context) {
	defer close(f.done)
	err := f.index(ctx)
	f.mu.Lock()
	f.progress.Done = err == nil
	if ctx.Err() == nil && err != nil {
		f.progress.Err = fmt.Errorf("the rest of %s could not be read: %w", f.path, err)
	}
	f.mu.Unlock()
	f.watchers.call()
}

package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"
)

// flushAfter is how long a row may wait in memory before it is in the file.
const flushAfter = time.Second

// flushAt is how many bytes are written at once.
const flushAt = 256 << 10

// ErrRecording means that a journal is being recorded already.
var ErrRecording = errors.New("the message log is being recorded already")

// A Recording writes every row of a journal to a file as it is appended. The
// journal itself is what waits for the file: a row is not dropped before it
// was taken, and when all rows held still wait, Append waits too. So no row is
// lost, and memory stays within the journal's bounds.
//
// Credentials are replaced. When the file cannot be written any more, the
// recording ends and the journal goes on: see Status.
type Recording struct {
	journal *Journal
	name    string
	out     io.WriteCloser
	wake    chan struct{} // holds a value when there may be rows to take
	closing chan struct{}
	close   sync.Once
	done    chan struct{} // closed when the file is

	mu     sync.Mutex
	status RecordStatus
}

// RecordStatus is how far a Recording is.
type RecordStatus struct {
	Name   string // of the file
	Rows   uint64 // written
	Bytes  int64
	Masked uint64 // rows in which a credential was replaced
	Ended  bool
	Err    error // why it ended, in words for people; nil if it was closed
}

// Record begins to write all rows, from the oldest one held on, to a new file.
// A journal has one recording at a time.
func (j *Journal) Record(path string) (*Recording, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	r, err := j.RecordTo(syncedFile{file}, path)
	if err != nil {
		file.Close()
		os.Remove(path)
	}
	return r, err
}

// RecordTo is Record with something else to write to, which is closed at the
// end.
func (j *Journal) RecordTo(out io.WriteCloser, name string) (*Recording, error) {
	r := &Recording{
		journal: j, name: name, out: out, status: RecordStatus{Name: name},
		wake: make(chan struct{}, 1), closing: make(chan struct{}), done: make(chan struct{}),
	}
	j.mu.Lock()
	if j.recording != nil {
		j.mu.Unlock()
		return nil, ErrRecording
	}
	j.recording, j.taken = r, j.shown
	annotated := len(j.annotated)
	j.mu.Unlock()
	go r.run(annotated)
	j.changed()
	return r, nil
}

// Recording returns the recording under way, nil if there is none.
func (j *Journal) Recording() *Recording {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.recording
}

// Status returns how far the recording is.
func (r *Recording) Status() RecordStatus {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.status
}

// Close writes what was appended so far and closes the file. It returns why
// the recording ended earlier, if it did.
func (r *Recording) Close() error {
	r.close.Do(func() { close(r.closing) })
	<-r.done
	return r.Status().Err
}

// run writes until Close or an error.
func (r *Recording) run(annotated int) {
	defer close(r.done)
	stop := r.journal.Watch(func() {
		select {
		case r.wake <- struct{}{}:
		default: // it will look anyhow
		}
	})
	defer stop()
	err := r.write(annotated)
	if closed := r.out.Close(); err == nil {
		err = closed
	}
	r.mu.Lock()
	r.status.Ended = true
	if err != nil {
		var wrote *fs.PathError
		if errors.As(err, &wrote) {
			err = wrote.Err // the name is said already
		}
		r.status.Err = fmt.Errorf("the record %s ends after %d rows: %w", r.name, r.status.Rows, err)
	}
	r.mu.Unlock()
	r.journal.mu.Lock()
	r.journal.recording = nil
	r.journal.mu.Unlock()
	r.journal.room.Broadcast()
	r.journal.changed()
}

func (r *Recording) write(annotated int) error {
	var buf bytes.Buffer
	if err := encode(&buf, recordHead{Record: "relayscope", Version: recordVersion, Begun: time.Now()}); err != nil {
		return err
	}
	timer := time.NewTimer(flushAfter)
	defer timer.Stop()
	var (
		m       masker
		rows    = make([]Row, 256)
		written uint64 // rows in buf or before it
		end     uint64 // the first number not to write, once Close was called
		closing = r.closing
	)
	for {
		batch, changes, next := r.take(rows, &annotated)
		for i := range batch {
			row := m.mask(batch[i])
			batch[i] = Row{} // let go of the payload
			if err := appendLine(&buf, &row); err != nil {
				return err
			}
			written++
			if buf.Len() >= flushAt {
				if err := r.flush(&buf, written, m.rows); err != nil {
					return err
				}
			}
		}
		for _, row := range changes {
			row = m.mask(row)
			if err := encode(&buf, annotationLine{row.Number, row.Mark.String(), row.Note()}); err != nil {
				return err
			}
		}
		if closing == nil && next >= end {
			return r.flush(&buf, written, m.rows)
		}
		if len(batch) > 0 {
			continue
		}
		select {
		case <-closing:
			closing = nil
			_, newest := r.journal.Bounds()
			end = newest + 1
		case <-r.wake:
		case <-timer.C:
			if err := r.flush(&buf, written, m.rows); err != nil {
				return err
			}
			timer.Reset(flushAfter)
		}
	}
}

// take copies the rows that come next, and those written before whose mark or
// note has changed since. next is the number of the first row not taken.
func (r *Recording) take(rows []Row, annotated *int) (batch, changes []Row, next uint64) {
	j := r.journal
	j.mu.Lock()
	for _, n := range j.annotated[*annotated:] {
		if n < j.taken && n >= j.first {
			changes = append(changes, *j.slot(n))
		}
	}
	*annotated = len(j.annotated)
	n := 0
	for ; n < len(rows) && j.taken < j.next; n++ {
		rows[n] = *j.slot(j.taken)
		j.taken++
	}
	next = j.taken
	j.mu.Unlock()
	j.room.Broadcast()
	return rows[:n], changes, next
}

// flush writes what is in buf.
func (r *Recording) flush(buf *bytes.Buffer, rows, masked uint64) error {
	n, err := r.out.Write(buf.Bytes())
	buf.Reset()
	if buf.Cap() > 8*flushAt {
		*buf = bytes.Buffer{} // there was a large message
	}
	r.mu.Lock()
	r.status.Bytes += int64(n)
	if err == nil {
		r.status.Rows, r.status.Masked = rows, masked
	}
	r.mu.Unlock()
	return err
}

// untaken reports whether the oldest row held has yet to be recorded. The
// caller holds the lock.
func (j *Journal) untaken() bool { return j.recording != nil && j.first >= j.taken }

// A syncedFile is on the disk once it is closed.
type syncedFile struct{ *os.File }

func (f syncedFile) Close() error { return errors.Join(f.Sync(), f.File.Close()) }

package journal

import "time"

// UndoFor is how long a Clear can be undone.
const UndoFor = 10 * time.Second

// cleared is what there is to know of rows that are held but not seen.
type cleared struct {
	clear   uint64 // counts the Clears
	undo    bool   // the last one can be undone
	from    uint64 // the first row that it took out of sight
	before  count  // what was dropped until then
	dropped count  // what was dropped of the rows not seen
}

// Clear takes all rows out of sight and counts dropped ones anew, for what a
// person cleared is not missing. Numbers go on where they were.
//
// For UndoFor the rows are kept, as far as new ones leave room, and undo brings
// them back, before those that have arrived since. It reports whether it did:
// not twice, not after that time, and not after a later Clear of other rows.
func (j *Journal) Clear() (undo func() bool) {
	j.mu.Lock()
	if j.shown < j.next || !j.cleared.undo {
		j.cleared = cleared{clear: j.cleared.clear + 1, undo: true, from: j.shown, before: j.dropped}
		j.shown, j.dropped = j.next, count{}
	}
	clear := j.cleared.clear
	j.mu.Unlock()

	time.AfterFunc(UndoFor, func() { j.forget(clear) })
	j.changed()
	return func() bool { return j.restore(clear) }
}

// restore undoes a Clear.
func (j *Journal) restore(clear uint64) bool {
	j.mu.Lock()
	c := &j.cleared
	ok := c.undo && c.clear == clear
	if ok {
		j.dropped.rows += c.before.rows + c.dropped.rows
		j.dropped.bytes += c.before.bytes + c.dropped.bytes
		j.shown = max(j.first, c.from)
		*c = cleared{clear: clear}
	}
	j.mu.Unlock()

	if ok {
		j.changed()
	}
	return ok
}

// forget lets go of the rows that a Clear took out of sight.
func (j *Journal) forget(clear uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.cleared.clear != clear || !j.cleared.undo {
		return
	}
	j.cleared.undo = false
	for j.dropSome(j.hiding) && !j.cleared.undo {
		j.mu.Unlock() // let others in between
		j.mu.Lock()
	}
}

// hiding reports whether rows are held that are not seen and can be dropped.
// The caller holds the lock.
func (j *Journal) hiding() bool { return j.first < j.shown && !j.untaken() }

package journal

// Limits returns the bounds in force.
func (j *Journal) Limits() (maxRows int, maxBytes int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return int(j.maxRows), j.maxBytes
}

// SetBounds changes how many rows are held, and how many bytes their payloads
// and texts may take together. Zero means DefaultRows and DefaultBytes. Rows
// that no longer fit are dropped, the oldest first.
func (j *Journal) SetBounds(maxRows int, maxBytes int64) {
	if maxRows <= 0 {
		maxRows = DefaultRows
	}
	if maxBytes <= 0 {
		maxBytes = DefaultBytes
	}
	j.mu.Lock()
	j.maxRows, j.maxBytes = uint64(min(maxRows, MaxRows)), maxBytes
	j.spread(max(pagesFor(j.maxRows), len(j.pages)))
	for j.dropSome(j.overfull) {
		j.mu.Unlock() // let others in between
		j.mu.Lock()
	}
	j.spread(max(pagesFor(j.maxRows), pagesFor(j.next-j.first)))
	j.mu.Unlock()

	j.changed()
}

// overfull reports whether more is held than the bounds allow, and can be
// dropped. The newest row is always kept. The caller holds the lock.
func (j *Journal) overfull() bool {
	return j.first+1 < j.next && !j.untaken() && (j.next-j.first > j.maxRows || j.bytes > j.maxBytes)
}

// dropSome drops up to a page of rows as long as while says so, and reports
// whether there may be more to drop. The caller holds the lock.
func (j *Journal) dropSome(while func() bool) bool {
	for range pageRows {
		if !while() {
			return false
		}
		j.drop()
	}
	return true
}

// pagesFor returns how many pages hold that many rows: one more than they
// need, for the oldest and the newest may both be in a page that is partly
// used.
func pagesFor(rows uint64) int { return int(rows/pageRows) + 2 }

// spread gives the pages n places. The caller holds the lock.
func (j *Journal) spread(n int) {
	if n == len(j.pages) {
		return
	}
	pages := make([]*page, n)
	if len(j.pages) > 0 {
		for p := j.first / pageRows; p <= j.next/pageRows; p++ {
			pages[p%uint64(n)] = j.pages[p%uint64(len(j.pages))]
		}
	}
	j.pages = pages
}

package widgets

// A span is the part of a log that is on screen. All positions are row
// numbers, so they survive what is appended and dropped around them. When rows
// were dropped, a line that says so stands before the first, as if it had the
// number first-1.
type span struct {
	first, last int64 // rows held; empty when last < first
	gap         int64 // 1 when the line about dropped rows is there
	rows        int64 // how many fit on screen, at least 1
	top         int64 // the first one on screen
	follow      bool  // stay at the end as rows arrive
	seen        int64 // the newest row that has been on screen
}

func (s *span) lowest() int64  { return s.first - s.gap }
func (s *span) highest() int64 { return max(s.lowest(), s.last-s.rows+1) }

// settle fits the position to the rows held. held keeps the rows in place even
// while following, for as long as somebody is pointing at them.
func (s *span) settle(held bool) {
	if s.last < s.first {
		s.follow = true // whatever comes next is new
	}
	if s.follow && !held {
		s.top = s.highest()
	}
	s.top = min(max(s.top, s.lowest()), s.highest())
	s.look()
}

// look remembers what is on screen.
func (s *span) look() {
	s.seen = min(max(s.seen, s.top+s.rows-1), s.last)
}

// scrollTo makes row top the first on screen, as far as there are rows;
// reaching the end follows, leaving it stops following.
func (s *span) scrollTo(top int64) {
	s.top = min(max(top, s.lowest()), s.highest())
	s.follow = s.top == s.highest()
	s.look()
}

// reveal scrolls as little as brings row n on screen.
func (s *span) reveal(n int64) {
	switch {
	case n == s.first && s.top > s.first:
		s.scrollTo(s.lowest())
	case n < s.top:
		s.scrollTo(n)
	case n >= s.top+s.rows:
		s.scrollTo(n - s.rows + 1)
	default:
		s.follow = s.follow && n == s.last || s.top == s.highest() && n == s.last
	}
}

// unseen is how many rows arrived below what has been on screen.
func (s *span) unseen() int64 {
	if s.follow {
		return 0
	}
	return s.last - s.seen
}

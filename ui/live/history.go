package live

import "slices"

// A draft is a message as it was written.
type draft struct {
	Kind   string
	Text   string // a file's path, if that is its kind
	Binary bool

	Literal bool // what looks like a placeholder is meant
}

// A history is what was sent, to be taken up again. It lives as long as the
// program.
type history struct {
	drafts []draft
	bytes  int
	at     int   // the one shown; len(drafts) is what is being written
	edited draft // what was being written
}

// What a history holds; the oldest go first.
const (
	maxHistory      = 100
	maxHistoryBytes = 8 << 20
)

// add takes a draft that was sent.
func (h *history) add(d draft) {
	if i := slices.Index(h.drafts, d); i >= 0 { // it moves to the end
		h.drafts = slices.Delete(h.drafts, i, i+1)
		h.bytes -= len(d.Text)
	}
	h.drafts = append(h.drafts, d)
	h.bytes += len(d.Text)
	for len(h.drafts) > maxHistory || h.bytes > maxHistoryBytes && len(h.drafts) > 1 {
		h.bytes -= len(h.drafts[0].Text)
		h.drafts = h.drafts[1:]
	}
	h.at = len(h.drafts)
}

// step goes to an older draft, or a newer one, from now. It returns false at
// either end.
func (h *history) step(by int, now draft) (draft, bool) {
	to := h.at + by
	if h.at < len(h.drafts) && h.drafts[h.at] != now { // it was changed since: that is new
		to = len(h.drafts) + min(by, 0)
		h.at = len(h.drafts)
	}
	if h.at == len(h.drafts) {
		h.edited = now
		if by < 0 && to >= 0 && to < len(h.drafts) && h.drafts[to] == now {
			to-- // what was just sent is still on screen
		}
	}
	switch {
	case to < 0 || to > len(h.drafts):
		return draft{}, false
	case to == len(h.drafts):
		h.at = to
		return h.edited, true
	}
	h.at = to
	return h.drafts[to], true
}

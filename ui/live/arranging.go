package live

import "fyne.io/fyne/v2/container"

// An Arrangement says where listener and sender are.
type Arrangement int

// The arrangements. Stacked panes have the message log beside them, which
// suits a wide screen.
const (
	SideBySide Arrangement = iota
	Stacked
	OnlyListener
	OnlySender

	Arrangements // how many there are
)

func (a Arrangement) String() string {
	return [...]string{"Side by side", "Stacked", "Only the listener", "Only the sender"}[a]
}

// Arrangement returns where listener and sender are.
func (p *Page) Arrangement() Arrangement { return p.arranged }

// Arrange places listener and sender.
func (p *Page) Arrange(a Arrangement) {
	if a == p.arranged {
		return
	}
	p.arranged = a
	show(p.listener.content, a != OnlySender)
	show(p.sender.content, a != OnlyListener)
	turn(p.panes, a != Stacked)
	turn(p.work, a == Stacked)
	turn(p.log.Split(), a != Stacked) // beside the panes the log is narrow
}

// turn lays a split the other way; a splitter in the middle suits either.
func turn(s *container.Split, horizontal bool) {
	s.Horizontal = horizontal
	s.Refresh()
}

// Offsets returns where the splitters stand that a person may have moved.
func (p *Page) Offsets() map[string]float64 {
	return map[string]float64{"panes": p.panes.Offset, "work": p.work.Offset, "detail": p.log.Split().Offset}
}

// SetOffset moves a splitter.
func (p *Page) SetOffset(name string, at float64) {
	if s := map[string]*container.Split{"panes": p.panes, "work": p.work, "detail": p.log.Split()}[name]; s != nil {
		s.SetOffset(at)
	}
}

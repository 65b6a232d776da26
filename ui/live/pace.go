package live

import (
	"sync/atomic"
	"time"
)

// A pace calls apply on the main goroutine after something changed, at most
// about thirty times a second whatever arrives.
type pace struct {
	onMain  func(func())
	apply   func()
	pending atomic.Bool
}

// frame is the time between two refreshes.
const frame = 33 * time.Millisecond

// poke may be called from any goroutine, as often as it likes.
func (p *pace) poke() {
	if p.pending.Swap(true) {
		return
	}
	time.AfterFunc(frame, func() {
		p.onMain(func() {
			p.pending.Store(false)
			p.apply()
		})
	})
}

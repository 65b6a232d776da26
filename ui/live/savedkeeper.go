package live

import (
	"sync"

	"relayscope/profiles/saved"
)

// A savedKeeper writes saved messages beside the main goroutine, one change
// after the other.
type savedKeeper struct {
	store  *saved.Store
	onMain func(func())
	stored func(list saved.List, left int, err error) // on the main goroutine; left changes are still to be written

	mu      sync.Mutex
	waiting []func(saved.List) (saved.List, error)
	working bool
	work    sync.WaitGroup
}

// update writes a change; a nil change only reads.
func (k *savedKeeper) update(change func(saved.List) (saved.List, error)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.waiting = append(k.waiting, change)
	if !k.working {
		k.working = true
		k.work.Go(k.run)
	}
}

func (k *savedKeeper) run() {
	for {
		k.mu.Lock()
		if len(k.waiting) == 0 {
			k.working = false
			k.mu.Unlock()
			return
		}
		change := k.waiting[0]
		k.waiting = k.waiting[1:]
		left := len(k.waiting)
		k.mu.Unlock()
		var list saved.List
		var err error
		if change == nil {
			list, err = k.store.List()
		} else {
			list, err = k.store.Update(change)
		}
		k.onMain(func() { k.stored(list, left, err) })
	}
}

// close waits until everything is written.
func (k *savedKeeper) close() { k.work.Wait() }

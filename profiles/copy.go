package profiles

import (
	"context"
	"errors"
	"fmt"
)

// CopyTo saves every profile of s that can be read into to, with its ID and
// last result, and returns how many: for somebody who began without a keyring
// and then chose a sealed file. What to already holds under an ID stays as it
// is there, and is a *ChangedError if it differs. s stays as it is.
func (s *Store) CopyTo(ctx context.Context, to *Store) (copied int, err error) {
	entries, err := s.List(ctx)
	if err != nil {
		return 0, err
	}
	var failed []error
	for _, e := range entries {
		if e.Fault != nil {
			continue
		}
		p := e.Profile
		p.Revision = "" // of the other store
		if _, err := to.Save(ctx, p); err != nil {
			failed = append(failed, fmt.Errorf("copy %q: %w", p.Name, err))
			if ctx.Err() != nil {
				break
			}
			continue
		}
		copied++
		if p.LastResult != (Result{}) {
			_ = to.SetLastResult(ctx, p.ID, p.LastResult) // not worth failing for
		}
	}
	return copied, errors.Join(failed...)
}

package profiles

import (
	"context"
	"errors"
	"slices"
	"time"
)

// A change is one thing that may have to be put right after a crash: a set of
// parts that is being written or removed, or a profile that is on its way into
// the index or out of it.
type change struct {
	ID     ID       `json:"id"`
	Rev    revision `json:"rev,omitzero"`
	Delete bool     `json:"delete,omitempty"`
	Since  int64    `json:"since"` // Unix time
}

// A pendingList is the entry that lists what is going on. It is advice: losing
// it costs a few unused entries, never a profile.
type pendingList struct {
	Version int      `json:"v"`
	Changes []change `json:"changes"`
}

const pendingName = "pending"

// grace is the age at which a change cannot still be under way in another
// window: a call stops after CallTimeout.
const grace = 10 * CallTimeout

// pending reads the list; a damaged one counts as empty. ErrNewer means that
// it must be left alone.
func (v *vault) pending(ctx context.Context) ([]change, error) {
	text, err := v.get(ctx, pendingName)
	if err != nil {
		if err == errNoEntry {
			err = nil
		}
		return nil, err
	}
	var list pendingList
	if err := decodeEntry(text, &list); errors.Is(err, ErrNewer) {
		return nil, err
	} else if err != nil {
		return nil, nil
	}
	return slices.DeleteFunc(list.Changes, func(c change) bool {
		return !c.ID.valid() || c.Rev != (revision{}) && !c.Rev.valid()
	}), nil
}

// amend reads the list again, lets edit change it, and writes it.
func (v *vault) amend(ctx context.Context, edit func([]change) []change) error {
	changes, err := v.pending(ctx)
	if errors.Is(err, ErrNewer) {
		return nil
	}
	if err != nil {
		return err
	}
	before := slices.Clone(changes)
	changes = edit(changes)
	if slices.Equal(before, changes) {
		return nil
	}
	for len(changes) > 0 {
		text := marshal(pendingList{listVersion, changes})
		if len(text) <= maxEntry {
			return v.set(ctx, pendingName, text)
		}
		changes = changes[1:] // the oldest have had their chances
	}
	return v.erase(ctx, pendingName)
}

// begin notes what is about to change. Older notes about id take on the new
// intention: deleting a profile ends an unfinished save, and the reverse.
func (v *vault) begin(ctx context.Context, id ID, remove bool, revs []revision) error {
	if len(revs) == 0 {
		return nil
	}
	return v.amend(ctx, func(changes []change) []change {
		for i := range changes {
			if changes[i].ID == id {
				changes[i].Delete = remove
			}
		}
		for _, rev := range revs {
			changes = append(changes, change{id, rev, remove, v.now().Unix()})
		}
		return changes
	})
}

// finish drops the notes of a change that is complete.
func (v *vault) finish(ctx context.Context, id ID, revs []revision) error {
	if len(revs) == 0 {
		return nil
	}
	return v.amend(ctx, func(changes []change) []change {
		return slices.DeleteFunc(changes, func(c change) bool {
			return c.ID == id && slices.Contains(revs, c.Rev)
		})
	})
}

// sweep puts right what was begun and is not as it should be.
func (v *vault) sweep(ctx context.Context) error {
	changes, err := v.pending(ctx)
	if err != nil {
		return err
	}
	for _, c := range changes {
		if !c.Delete {
			if err := v.adopt(ctx, c.ID); err != nil {
				return err
			}
		}
		age := v.now().Sub(time.Unix(c.Since, 0))
		if age < grace && age > -grace { // a clock set back must not keep it forever
			continue
		}
		if err := v.settle(ctx, c); err != nil {
			return err
		}
		if err := v.finish(ctx, c.ID, []revision{c.Rev}); err != nil {
			return err
		}
	}
	return nil
}

// adopt lists a whole profile that is not listed: its save ended early, or
// another window wrote the same index page at the same moment. It reads the
// notes after the index and the profile last, the reverse of the order in
// which another window would be deleting it.
func (v *vault) adopt(ctx context.Context, id ID) error {
	if listed, err := v.listed(ctx, id); err != nil || listed {
		return err
	}
	changes, err := v.pending(ctx)
	if err != nil || slices.ContainsFunc(changes, func(c change) bool { return c.ID == id && c.Delete }) {
		return err
	}
	switch _, err := v.head(ctx, id); {
	case err == nil:
		return v.enlist(ctx, id)
	case err == errNoEntry, errors.Is(err, errCorrupt), errors.Is(err, ErrNewer):
		return nil
	default:
		return err
	}
}

// settle carries an old change through: what is left of a deleted profile
// goes, and so do parts that no main entry names. What cannot be understood is
// left alone.
func (v *vault) settle(ctx context.Context, c change) error {
	listed, err := v.listed(ctx, c.ID)
	if err != nil {
		return err
	}
	h, err := v.head(ctx, c.ID)
	switch {
	case errors.Is(err, errCorrupt), errors.Is(err, ErrNewer):
		return nil
	case err != nil && err != errNoEntry:
		return err
	case c.Delete && !listed:
		return v.wipe(ctx, c.ID, h.rev, c.Rev)
	case err == nil && h.rev == c.Rev:
		return nil // in use
	}
	return v.eraseParts(ctx, c.ID, c.Rev)
}

package profiles

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A vault lays profiles out over the entries of a backend:
//
//	profile.ID          the profile, or which parts make it up
//	profile.ID.REV.N    part N of a profile too big for one entry
//	index.N             the IDs of some profiles
//	pending             what is being saved or deleted right now
//
// Writing profile.ID is the one step that changes a profile. Parts go under a
// fresh revision before it, and the parts it no longer names are removed after
// it. Each step leaves every saved profile readable; pending says what a crash
// left lying about. Several programs may work on the same entries, so nothing
// read is kept from one call to the next.
type vault struct {
	backend
	now     func() time.Time
	lock    lock
	results results
}

func newVault(b backend, now func() time.Time) *vault { return &vault{backend: b, now: now} }

func (v *vault) get(ctx context.Context, name string) (string, error) {
	if ctx.Err() != nil {
		return "", stopped(ctx)
	}
	return v.backend.Get(name)
}

func (v *vault) set(ctx context.Context, name, value string) error {
	if ctx.Err() != nil {
		return stopped(ctx)
	}
	return v.backend.Set(name, value)
}

// erase deletes an entry, and is content if there is none.
func (v *vault) erase(ctx context.Context, name string) error {
	if ctx.Err() != nil {
		return stopped(ctx)
	}
	if err := v.backend.Delete(name); err != nil && err != errNoEntry {
		return err
	}
	return nil
}

func (v *vault) eraseParts(ctx context.Context, id ID, rev revision) error {
	for n := range rev.Parts {
		if err := v.erase(ctx, partName(id, rev.Name, n)); err != nil {
			return err
		}
	}
	return nil
}

// head reads a profile's main entry. A missing entry gives errNoEntry, one
// that cannot be understood errCorrupt or ErrNewer.
func (v *vault) head(ctx context.Context, id ID) (head, error) {
	text, err := v.get(ctx, mainName(id))
	if err != nil {
		return head{}, err
	}
	return decodeHead(text, id)
}

// save writes p and returns it as it is stored, with its new revision.
func (v *vault) save(ctx context.Context, p Profile) (Profile, error) {
	if !p.ID.valid() {
		return Profile{}, errors.New("the profile has no valid ID")
	}
	p = p.Normalize()
	if err := p.Validate(); err != nil {
		return Profile{}, err
	}
	release, err := v.lock.hold(ctx)
	if err != nil {
		return Profile{}, err
	}
	defer release()
	old, stored, err := v.unchanged(ctx, p)
	if err != nil {
		return Profile{}, err
	}
	if stored.ID != "" && !p.SameConnection(stored) {
		// Before the write: after one that ended early, nobody would know.
		p.LastResult = Result{}
		_ = v.results.set(p.ID, Result{}) // a result too many is no reason to fail
	}
	p.Revision = randomName()
	if err := v.write(ctx, p, old); err != nil {
		return Profile{}, err
	}
	return p, nil
}

// unchanged returns what p is to replace. A *ChangedError means
// that it is not the one that p came from. A profile that says the same as p
// counts as p: it may be what a save that ended early had written.
func (v *vault) unchanged(ctx context.Context, p Profile) (head, Profile, error) {
	h, stored, err := v.load(ctx, p.ID)
	switch {
	case err == errNoEntry && h.profile.Revision == "":
		if p.Revision != "" {
			return head{}, Profile{}, &ChangedError{}
		}
		return head{}, Profile{}, nil
	case errors.Is(err, errCorrupt), err == errNoEntry: // it or its parts are beyond reading
		return h, Profile{}, nil
	case err != nil:
		return head{}, Profile{}, err
	case p.Revision != stored.Revision && !p.sameAs(stored):
		return head{}, Profile{}, &ChangedError{stored}
	}
	return h, stored, nil
}

// write replaces old, the main entry as it was, by p.
func (v *vault) write(ctx context.Context, p Profile, old head) error {
	listed, err := v.listed(ctx, p.ID)
	if err != nil {
		return err
	}
	text, parts, rev := encode(p)
	if len(parts) > maxParts {
		return fmt.Errorf("%w: the profile needs %d entries", ErrFull, len(parts))
	}
	var open, done []revision
	if rev.Parts > 0 || !listed {
		open = append(open, rev)
	}
	if old.rev.Parts > 0 {
		open = append(open, old.rev)
	}
	if done = open; !listed {
		done = open[1:] // sweep looks after a new profile for a while, see adopt
	}
	if err := v.begin(ctx, p.ID, false, open); err != nil {
		return err
	}
	for n, part := range parts {
		if err := v.set(ctx, partName(p.ID, rev.Name, n), part); err != nil {
			return err
		}
	}
	if err := v.set(ctx, mainName(p.ID), text); err != nil {
		return err
	}
	if err := v.enlist(ctx, p.ID); err != nil {
		return err
	}
	if err := v.eraseParts(ctx, p.ID, old.rev); err != nil {
		return err
	}
	return v.finish(ctx, p.ID, done)
}

func (v *vault) remove(ctx context.Context, id ID) error {
	if !id.valid() {
		return ErrNotFound
	}
	release, err := v.lock.hold(ctx)
	if err != nil {
		return err
	}
	defer release()
	listed, err := v.listed(ctx, id)
	if err != nil {
		return err
	}
	old, err := v.head(ctx, id)
	switch {
	case err == errNoEntry && !listed:
		return ErrNotFound
	case err != nil && err != errNoEntry && !errors.Is(err, errCorrupt) && !errors.Is(err, ErrNewer):
		return err
	}
	if err := v.begin(ctx, id, true, []revision{old.rev}); err != nil {
		return err
	}
	if err := v.wipe(ctx, id, old.rev); err != nil {
		return err
	}
	_ = v.results.set(id, Result{}) // a result too many is no reason to fail
	return v.finish(ctx, id, []revision{old.rev, {}})
}

// wipe takes a profile off the index and then removes what is stored for it.
func (v *vault) wipe(ctx context.Context, id ID, revs ...revision) error {
	if err := v.delist(ctx, id); err != nil {
		return err
	}
	if err := v.erase(ctx, mainName(id)); err != nil {
		return err
	}
	for _, rev := range revs {
		if err := v.eraseParts(ctx, id, rev); err != nil {
			return err
		}
	}
	return nil
}

func mainName(id ID) string { return "profile." + string(id) }
func partName(id ID, revision string, n int) string {
	return fmt.Sprintf("profile.%s.%s.%d", id, revision, n)
}

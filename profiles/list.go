package profiles

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// An Entry is one line of the list of profiles: a profile, or what is known of
// one that could not be read.
type Entry struct {
	ID      ID
	Profile Profile // set if Fault is nil
	Fault   *Fault  // why the profile could not be read; nil if it could
}

// A FaultKind is the reason why a stored profile cannot be read.
type FaultKind int

// The reasons. Nothing that is stored is touched because of one; Delete
// removes what belongs to the ID.
const (
	_               FaultKind = iota
	FaultMissing              // an entry is gone
	FaultCorrupt              // an entry is not what Relayscope wrote
	FaultNewer                // a newer version wrote it
	FaultUnreadable           // the keyring refused this entry; Err says why
)

// A Fault describes a stored profile, or a page of the list of profiles, that
// cannot be read.
type Fault struct {
	Kind    FaultKind
	Name    string // what the profile is called, if that could be read
	Message string // a sentence: what is wrong
	Remedy  string // a sentence: what can be done
	Err     error  // what the keyring said; nil if the entry itself is wrong
}

func (v *vault) list(ctx context.Context) ([]Entry, error) {
	// Unfinished business waits for the next time if another copy is at work
	// or the keyring is in a mood; if it is in trouble, the reading below says so.
	if release, ok := v.lock.try(); ok {
		_ = v.sweep(ctx)
		release()
	}
	pages, err := v.pages(ctx)
	if err != nil {
		return nil, err
	}
	var entries []Entry
	seen := map[ID]bool{}
	for n, p := range pages {
		if p.err != nil {
			entries = append(entries, Entry{Fault: pageFault(n, p.err)})
		}
		for _, id := range p.ids {
			if seen[id] {
				continue
			}
			seen[id] = true
			e, err := v.entry(ctx, id)
			if err == errNoEntry {
				continue // deleted by another window meanwhile
			}
			if err != nil {
				return nil, err
			}
			entries = append(entries, e)
		}
	}
	tested := v.results.read()
	for i := range entries {
		entries[i].Profile.LastResult = tested[entries[i].Profile.ID]
	}
	slices.SortStableFunc(entries, compareEntries)
	return entries, nil
}

// compareEntries puts what can be read first.
func compareEntries(a, b Entry) int {
	switch {
	case a.Fault == nil && b.Fault != nil:
		return -1
	case a.Fault != nil && b.Fault == nil:
		return 1
	}
	return cmp.Or(compareProfiles(a.Profile, b.Profile), cmp.Compare(a.ID, b.ID))
}

// compareProfiles orders by group, order and name; what has no group comes
// before the groups.
func compareProfiles(a, b Profile) int {
	return cmp.Or(
		cmp.Compare(strings.ToLower(a.Group), strings.ToLower(b.Group)),
		cmp.Compare(a.Order, b.Order),
		cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)),
		cmp.Compare(a.ID, b.ID))
}

// entry reads a listed profile. It returns errNoEntry if the profile turns out
// to be listed no more, and no other error but the context's.
func (v *vault) entry(ctx context.Context, id ID) (Entry, error) {
	h, p, err := v.load(ctx, id)
	switch {
	case err == nil:
		return Entry{ID: id, Profile: p}, nil
	case ctx.Err() != nil:
		return Entry{}, stopped(ctx)
	case err == errNoEntry:
		if listed, err := v.listed(ctx, id); err == nil && !listed {
			return Entry{}, errNoEntry
		}
	}
	return Entry{ID: id, Fault: profileFault(h.profile.Name, err)}, nil
}

// load reads a profile with its parts. If another window replaces the profile
// while its parts are being read, it starts over.
func (v *vault) load(ctx context.Context, id ID) (head, Profile, error) {
	h, err := v.head(ctx, id)
	for err == nil && h.rev.Parts > 0 {
		p, partsErr := v.loadParts(ctx, h)
		if partsErr == nil {
			return h, p, nil
		}
		var again head
		if again, err = v.head(ctx, id); err == nil && again.rev == h.rev {
			return h, Profile{}, partsErr
		}
		h = again
	}
	return h, h.profile, err
}

func (v *vault) loadParts(ctx context.Context, h head) (Profile, error) {
	parts := make([]string, h.rev.Parts)
	for n := range parts {
		var err error
		if parts[n], err = v.get(ctx, partName(h.profile.ID, h.rev.Name, n)); err != nil {
			return Profile{}, err
		}
	}
	return decodeParts(h, parts)
}

func profileFault(name string, err error) *Fault {
	f := &Fault{Name: name}
	switch {
	case err == errNoEntry:
		f.Kind = FaultMissing
		f.Message = "This profile is listed, but the keyring no longer holds all of it."
		f.Remedy = "Restore the keyring's entry, or delete the profile and enter it again."
	case errors.Is(err, errCorrupt):
		f.Kind = FaultCorrupt
		f.Message = "The keyring's entry of this profile is damaged."
		f.Remedy = "Delete the profile and enter it again."
	case errors.Is(err, ErrNewer):
		f.Kind = FaultNewer
		f.Message = "A newer version of Relayscope wrote this profile."
		f.Remedy = "Open it with that version, or update this one."
	default:
		f.Kind, f.Err = FaultUnreadable, err
		f.Message = "The keyring did not give this profile out."
		f.Remedy = "Unlock the keyring, allow Relayscope to read it, and load the list again."
	}
	return f
}

func pageFault(n int, err error) *Fault {
	f := &Fault{}
	switch what := fmt.Sprintf("Page %d of the list of profiles (entry %s)", n+1, pageName(n)); {
	case err == errNoEntry:
		f.Kind = FaultMissing
		f.Message = what + " is missing from the keyring."
		f.Remedy = "Restore the entry. The profiles on it are not lost, but cannot be found without it."
	case errors.Is(err, ErrNewer):
		f.Kind = FaultNewer
		f.Message = what + " was written by a newer version of Relayscope."
		f.Remedy = "Open the profiles on it with that version, or update this one."
	default:
		f.Kind = FaultCorrupt
		f.Message = what + " is damaged."
		f.Remedy = "Restore the entry. The profiles on it are not lost, but cannot be found without it."
	}
	return f
}

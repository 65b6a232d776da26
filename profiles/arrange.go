package profiles

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// A Placement is a profile's place in the list.
type Placement struct {
	ID    ID
	Group string
	Order int
}

// Arrange gives several profiles new places and touches nothing else of them.
// Each profile moves in one step; after an error some have moved. A profile
// that another running copy deleted meanwhile is passed over. A group with a
// name that no group can have is a *ValidationError, and moves nothing.
func (s *Store) Arrange(ctx context.Context, places []Placement) error {
	_, err := call(ctx, s, "move profiles", func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.vault.arrange(ctx, places)
	})
	return err
}

// arrange goes on after a profile that it cannot move.
func (v *vault) arrange(ctx context.Context, places []Placement) error {
	for _, to := range places {
		if message := checkGroup(strings.TrimSpace(to.Group)); message != "" {
			return &ValidationError{[]Problem{{FieldGroup, message}}}
		}
	}
	release, err := v.lock.hold(ctx)
	if err != nil {
		return err
	}
	defer release()
	var failed []error
	for _, to := range places {
		to.Group = strings.TrimSpace(to.Group)
		err := v.place(ctx, to)
		if ctx.Err() != nil {
			return stopped(ctx)
		}
		if err != nil && err != errNoEntry {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

func (v *vault) place(ctx context.Context, to Placement) error {
	if !to.ID.valid() {
		return errNoEntry
	}
	h, err := v.head(ctx, to.ID)
	if err != nil {
		return err
	}
	if h.profile.Group == to.Group && h.profile.Order == to.Order {
		return nil
	}
	h.profile.Group, h.profile.Order, h.profile.Revision = to.Group, to.Order, randomName()
	if h.rev.Parts > 0 {
		return v.set(ctx, mainName(to.ID), encodeHead(h))
	}
	if text, parts, _ := encode(h.profile); len(parts) == 0 {
		return v.set(ctx, mainName(to.ID), text)
	}
	return v.write(ctx, h.profile, h) // a longer group is too much for one entry
}

// Place returns what Arrange needs to put the profile id into group, before
// the profile next or, if next is not in the group, at its end: the places of
// all profiles of that group that have to change, and no others. entries is
// what List returned.
func Place(entries []Entry, id ID, group string, next ID) []Placement {
	var members []Profile
	var moved *Profile
	for _, e := range entries {
		switch {
		case e.Fault != nil:
		case e.ID == id:
			moved = &e.Profile
		case strings.EqualFold(e.Profile.Group, group):
			members = append(members, e.Profile)
		}
	}
	if moved == nil || id == next {
		return nil
	}
	slices.SortStableFunc(members, compareProfiles)
	if len(members) > 0 {
		group = members[0].Group // as it is spelled already
	}
	n := slices.IndexFunc(members, func(p Profile) bool { return p.ID == next })
	if n < 0 {
		n = len(members)
	}
	var places []Placement
	for i, p := range slices.Insert(members, n, *moved) {
		if to := (Placement{p.ID, group, i + 1}); to != (Placement{p.ID, p.Group, p.Order}) {
			places = append(places, to)
		}
	}
	return places
}

// RenameGroup returns what Arrange needs to call a group otherwise; joining
// another group keeps the order of both. The empty name dissolves a group.
func RenameGroup(entries []Entry, from, to string) []Placement {
	var places []Placement
	for _, e := range entries {
		if p := e.Profile; e.Fault == nil && strings.EqualFold(p.Group, from) && p.Group != to {
			places = append(places, Placement{e.ID, to, p.Order})
		}
	}
	return places
}

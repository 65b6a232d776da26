package ui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"relayscope/profiles"
)

// foldedKey is where the names of folded groups are remembered.
const foldedKey = "foldedGroups"

func (s *sidebar) isFolded(group string) bool {
	return slices.Contains(s.folded, strings.ToLower(group))
}

// fold hides the profiles of a group, or shows them again.
func (s *sidebar) fold(group string, on bool) {
	name := strings.ToLower(group)
	s.folded = slices.DeleteFunc(s.folded, func(g string) bool { return g == name })
	if on {
		s.folded = append(s.folded, name)
	}
	fyne.CurrentApp().Preferences().SetStringList(foldedKey, s.folded)
	s.apply()
	for i, it := range s.items { // the keyboard stays at the heading
		if it.heading && strings.EqualFold(it.group, group) {
			s.list.stand(i)
		}
	}
}

// unfoldFor makes sure that a profile's group is open.
func (s *sidebar) unfoldFor(e profiles.Entry) {
	if g := e.Profile.Group; g != "" && s.isFolded(g) {
		s.fold(g, false)
	}
}

// canMove reports whether a profile has a neighbour to change places with.
func (s *sidebar) canMove(id profiles.ID, by int) bool {
	_, ok := neighbour(s.entries, id, by)
	return ok
}

// neighbour returns the index of the profile that is by places away in the
// same group.
func neighbour(entries []profiles.Entry, id profiles.ID, by int) (int, bool) {
	i := slices.IndexFunc(entries, func(e profiles.Entry) bool { return e.ID == id && e.Fault == nil })
	j := i + by
	if i < 0 || j < 0 || j >= len(entries) || entries[j].Fault != nil {
		return 0, false
	}
	return j, strings.EqualFold(entries[i].Profile.Group, entries[j].Profile.Group)
}

// hasFocus reports whether the keyboard is in the filter or in the list.
func (s *sidebar) hasFocus(c fyne.Canvas) bool {
	return c.Focused() == fyne.Focusable(s.filter) || s.list.focused
}

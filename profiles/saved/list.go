// Package saved keeps messages that are sent again and again. They are not
// secret and live in a file of the program's data folder.
package saved

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"relayscope/profiles"
)

// A Message is one that was saved.
type Message struct {
	ID      string      `json:"id,omitempty"`
	Name    string      `json:"name"`
	Folder  string      `json:"folder,omitempty"`
	Profile profiles.ID `json:"profile,omitempty"` // whose it is; "": everybody's
	Kind    string      `json:"kind"`              // how Text is written, such as "JSON"
	Text    string      `json:"text"`
	Binary  bool        `json:"binary,omitempty"`   // the type of message it goes as
	Literal bool        `json:"verbatim,omitempty"` // what looks like a placeholder is meant
}

// A List is messages in the order that people gave them. Its methods leave it
// as it is and return the one that comes after.
type List []Message

// What a List may hold.
const (
	maxMessages = 2000
	maxText     = 1 << 20 // bytes of one message
	maxAll      = 16 << 20
	maxName     = 120 // characters
)

// Errors that a person can do something about; their texts are sentences but
// for the capital and the full stop.
var (
	ErrTooMany  = fmt.Errorf("there is room for %d saved messages: delete some that are no longer needed", maxMessages)
	ErrTooLarge = errors.New("a saved message may have 1 MiB, and all of them 16 MiB")
)

// NewID returns an ID that nothing else has.
func NewID() string { return rand.Text() }

// index returns where the message with an ID is, or -1.
func (l List) index(id string) int {
	return slices.IndexFunc(l, func(m Message) bool { return m.ID == id })
}

// Get returns the message with an ID.
func (l List) Get(id string) (Message, bool) {
	if i := l.index(id); i >= 0 {
		return l[i], true
	}
	return Message{}, false
}

// Put replaces the message with m's ID by m, or adds m at the end.
func (l List) Put(m Message) (List, error) {
	m.Name, m.Folder = cleanName(m.Name), cleanName(m.Folder)
	if m.Name == "" {
		m.Name = nameOf(m.Text)
	}
	l = slices.Clone(l)
	if i := l.index(m.ID); i >= 0 {
		l[i] = m
	} else {
		l = append(l, m)
	}
	return l, l.check()
}

func (l List) check() error {
	all := 0
	for _, m := range l {
		if all += len(m.Text); len(m.Text) > maxText || all > maxAll {
			return ErrTooLarge
		}
	}
	if len(l) > maxMessages {
		return ErrTooMany
	}
	return nil
}

// Insert puts a message where it was, as Remove told.
func (l List) Insert(m Message, before string) List {
	l = slices.Clone(l)
	if l.index(m.ID) >= 0 {
		return l
	}
	if i := l.index(before); i >= 0 {
		return slices.Insert(l, i, m)
	}
	return append(l, m)
}

// Remove removes the message with an ID. It returns the ID of the one that
// came after it, for Insert; "" if it was the last one.
func (l List) Remove(id string) (rest List, before string) {
	i := l.index(id)
	if i < 0 {
		return l, ""
	}
	if i+1 < len(l) {
		before = l[i+1].ID
	}
	return slices.Delete(slices.Clone(l), i, i+1), before
}

// Move moves a message by so many places among those of its folder that a
// profile shows; at either end it stays.
func (l List) Move(id string, by int, of profiles.ID) List {
	i := l.index(id)
	if i < 0 || by == 0 {
		return l
	}
	step, to := 1, i
	if by < 0 {
		step = -1
	}
	for left := by; left != 0; left -= step {
		next := to + step
		for next >= 0 && next < len(l) && !(l[next].shownTo(of) && sameFolder(l[next].Folder, l[i].Folder)) {
			next += step
		}
		if next < 0 || next >= len(l) {
			break
		}
		to = next
	}
	m := l[i]
	l = slices.Delete(slices.Clone(l), i, i+1)
	return slices.Insert(l, to, m)
}

// RenameFolder gives the messages of a folder another one; "" is none.
func (l List) RenameFolder(from, to string, of profiles.ID) List {
	l = slices.Clone(l)
	for i := range l {
		if l[i].shownTo(of) && from != "" && sameFolder(l[i].Folder, from) {
			l[i].Folder = cleanName(to)
		}
	}
	return l
}

// Release gives the messages of a profile that is no more to everybody: in a
// folder of that name, those that are in none.
func (l List) Release(from profiles.ID, folder string) List {
	l = slices.Clone(l)
	for i := range l {
		if from != "" && l[i].Profile == from {
			l[i].Profile = ""
			if l[i].Folder == "" {
				l[i].Folder = cleanName(folder)
			}
		}
	}
	return l
}

// For returns the messages that a profile shows, folder by folder: first those
// in none, then the folders in the order of their first messages.
func (l List) For(of profiles.ID) List {
	var shown List
	var folders []string
	for _, m := range l {
		if m.shownTo(of) && !slices.ContainsFunc(folders, func(f string) bool { return sameFolder(f, m.Folder) }) {
			folders = append(folders, m.Folder)
		}
	}
	slices.SortStableFunc(folders, func(a, b string) int {
		switch {
		case (a == "") == (b == ""):
			return 0
		case a == "":
			return -1
		}
		return 1
	})
	for _, f := range folders {
		for _, m := range l {
			if m.shownTo(of) && sameFolder(m.Folder, f) {
				shown = append(shown, m)
			}
		}
	}
	return shown
}

// Folders returns the names of the folders that a profile shows.
func (l List) Folders(of profiles.ID) []string {
	var names []string
	for _, m := range l.For(of) {
		if m.Folder != "" && !slices.ContainsFunc(names, func(n string) bool { return sameFolder(n, m.Folder) }) {
			names = append(names, m.Folder)
		}
	}
	return names
}

func (m Message) shownTo(of profiles.ID) bool { return m.Profile == "" || m.Profile == of }

func sameFolder(a, b string) bool { return strings.EqualFold(a, b) }

// cleanName makes a name fit into a line.
func cleanName(name string) string {
	name = strings.Join(strings.Fields(strings.ToValidUTF8(name, "�")), " ")
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, name)
	if utf8.RuneCountInString(name) > maxName {
		name = string([]rune(name)[:maxName-1]) + "…"
	}
	return strings.TrimSpace(name)
}

// nameOf names a message that has no name by its beginning.
func nameOf(text string) string {
	text = text[:min(len(text), 400)]
	name := []rune(cleanName(text))
	switch {
	case len(name) == 0:
		return "Empty message"
	case len(name) > 40:
		return string(name[:39]) + "…"
	}
	return string(name)
}

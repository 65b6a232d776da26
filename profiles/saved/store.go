package saved

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"relayscope/profiles"
)

// FileName is what the file of saved messages is called, in the program's data
// folder.
const FileName = "messages.json"

// version is that of the file and of an export.
const version = 1

type file struct {
	Version  int     `json:"v"`
	Messages List    `json:"messages"`
	Kind     *string `json:"relayscope,omitempty"` // of an export: what it is
}

var (
	// ErrBroken means that a file is not one of saved messages. It stays as it
	// is: what is saved next goes into a new one.
	ErrBroken = errors.New("the file of saved messages cannot be read")
	// ErrNewer means that a newer Relayscope wrote a file. Nothing is written
	// over it.
	ErrNewer = errors.New("a newer version of Relayscope saved these messages")
)

// A Store keeps a List in a file. Its methods are safe for concurrent use and
// may wait for the disk.
type Store struct {
	path string // "": in memory only
	mu   sync.Mutex
	held List // if there is no path
}

// NewStore returns a store that keeps its file at path, or in memory if that is
// "".
func NewStore(path string) *Store { return &Store{path: path} }

// List returns what is saved. A file that is broken counts as empty, but is
// told.
func (s *Store) List() (List, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.read()
}

func (s *Store) read() (List, error) {
	if s.path == "" {
		return s.held, nil
	}
	text, err := os.ReadFile(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return parse(text)
}

// Update changes what is saved: change gets what is there now, which another
// window may have changed, too. A broken file is put aside first.
func (s *Store) Update(change func(List) (List, error)) (List, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list, err := s.read()
	if errors.Is(err, ErrBroken) {
		if err = putAside(s.path); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	if list, err = change(list); err != nil {
		return nil, err
	}
	if s.path == "" {
		s.held = list
		return list, nil
	}
	return list, profiles.WriteFile(s.path, format(file{Version: version, Messages: list}))
}

// putAside keeps a broken file under another name, so that nothing is lost.
func putAside(path string) error {
	base := path[:len(path)-len(filepath.Ext(path))] + "-broken-" + time.Now().UTC().Format("20060102-150405")
	for n := 0; n < 100; n++ {
		name := base + ".json"
		if n > 0 {
			name = fmt.Sprintf("%s-%d.json", base, n)
		}
		if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			return os.Rename(path, name)
		}
	}
	return fmt.Errorf("put %s aside: %w", filepath.Base(path), fs.ErrExist)
}

// parse reads a file of messages.
func parse(text []byte) (List, error) {
	var v struct {
		Version int `json:"v"`
	}
	if json.Unmarshal(text, &v) == nil && v.Version > version { // the rest may look different there
		return nil, ErrNewer
	}
	var f file
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	if f.Version < 1 {
		return nil, fmt.Errorf("%w: it has no version", ErrBroken)
	}
	seen := map[string]bool{}
	list := make(List, 0, len(f.Messages))
	for _, m := range f.Messages {
		if m.ID == "" || seen[m.ID] {
			m.ID = NewID()
		}
		seen[m.ID] = true
		if m.Name, m.Folder = cleanName(m.Name), cleanName(m.Folder); m.Name == "" {
			m.Name = nameOf(m.Text)
		}
		list = append(list, m)
	}
	return list, nil
}

func format(f file) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	_ = e.Encode(f) // texts and flags: nothing in it can fail
	return b.Bytes()
}

// Export returns the messages that a profile shows as a file for others. It
// says nothing of the profile.
func (l List) Export(of profiles.ID) []byte {
	kind := "saved messages"
	shown := slices.Clone(l.For(of))
	for i := range shown {
		shown[i].ID, shown[i].Profile = "", ""
	}
	return format(file{Version: version, Messages: shown, Kind: &kind})
}

// Import adds the messages of an exported file for a profile, but for those
// that it has already, and returns how many there are new.
func (l List) Import(text []byte, of profiles.ID) (List, int, error) {
	more, err := parse(text)
	if err != nil {
		return l, 0, err
	}
	list, added := slices.Clone(l), 0
	for _, m := range more {
		m.ID, m.Profile = NewID(), of
		if slices.ContainsFunc(list, func(have Message) bool { return have.shownTo(of) && have.same(m) }) {
			continue
		}
		list = append(list, m)
		added++
	}
	if err := list.check(); err != nil {
		return l, 0, err
	}
	return list, added, nil
}

// same reports whether two messages say the same under the same name.
func (m Message) same(other Message) bool {
	m.ID, m.Profile, other.ID, other.Profile = "", "", "", ""
	return m == other
}

package profiles

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/signin"
)

var errCrash = errors.New("the program is gone")

// A crashing backend carries out some calls, or some writes, and none after
// them.
type crashing struct {
	*memory
	left  int
	reads bool // count as calls too
}

func (c *crashing) Get(name string) (string, error) {
	if !c.reads {
		return c.memory.Get(name)
	}
	if c.left--; c.left < 0 {
		return "", errCrash
	}
	return c.memory.Get(name)
}

func (c *crashing) Set(name, value string) error {
	if c.left--; c.left < 0 {
		return errCrash
	}
	return c.memory.Set(name, value)
}

func (c *crashing) Delete(name string) error {
	if c.left--; c.left < 0 {
		return errCrash
	}
	return c.memory.Delete(name)
}

// A strict backend fails the test when an entry would not fit every keyring.
type strictBackend struct {
	backend
	t *testing.T
}

func (s strictBackend) Set(name, value string) error {
	if len(value) > maxEntry || strings.Contains(name, ":") {
		s.t.Errorf("entry %s has %d bytes, want at most %d and no colon in the name", name, len(value), maxEntry)
	}
	return s.backend.Set(name, value)
}

// some returns a valid profile; about half of size is certificates.
func some(id ID, name string, size int) Profile {
	p := Profile{ID: id, Name: name, Namespace: "contoso.servicebus.windows.net", HybridConnection: "orders",
		SignIn: signin.Settings{Way: signin.SharedAccessKey, KeyName: "send-listen", Key: relayclient.NewSecret("key-of-" + string(id))}}
	p.Proxy = relayclient.NewSecret("http://eve:s3cret@proxy.example:3128")
	if size > 0 {
		p.CACertificates = strings.Repeat(testRoot, 1+size/len(testRoot))
	}
	return p
}

// plain makes profiles comparable: it is all that is stored of one, but for the
// revision.
func plain(p Profile) string { return fmt.Sprintf("%q %d ", p.Group, p.Order) + marshal(store(p)) }

// put saves p over whatever is stored.
func put(t *testing.T, v *vault, p Profile) error {
	t.Helper()
	if h, err := v.head(t.Context(), p.ID); err == nil {
		p.Revision = h.profile.Revision
	}
	_, err := v.save(t.Context(), p)
	return err
}

// names returns what the backend should hold for the profiles that are listed,
// and what it holds.
func names(t *testing.T, v *vault, m *memory) (want, got []string) {
	t.Helper()
	pages, err := v.pages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for n, p := range pages {
		want = append(want, pageName(n))
		for _, id := range p.ids {
			h, err := v.head(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, mainName(id))
			for part := range h.rev.Parts {
				want = append(want, partName(id, h.rev.Name, part))
			}
		}
	}
	slices.Sort(want)
	return want, slices.Sorted(maps.Keys(m.entries))
}

func listing(t *testing.T, v *vault) map[ID]string {
	t.Helper()
	entries, err := v.list(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := map[ID]string{}
	for _, e := range entries {
		if e.Fault != nil {
			t.Fatalf("%s is listed as faulty: %+v", e.ID, e.Fault)
		}
		all[e.ID] = plain(e.Profile)
	}
	return all
}

func TestCrashLosesNothing(t *testing.T) {
	small, big := some("small", "Łódź", 0), some("big", "big", 5000)
	for name, tt := range map[string]struct {
		before []Profile
		id     ID
		next   Profile // what to save; the zero Profile deletes id
	}{
		"first profile":       {nil, "new", some("new", "new", 0)},
		"another profile":     {[]Profile{small, big}, "new", some("new", "new", 0)},
		"another big profile": {[]Profile{small, big}, "new", some("new", "new", 9000)},
		"edit":                {[]Profile{small, big}, "small", some("small", "changed", 0)},
		"edit that grows":     {[]Profile{small, big}, "small", some("small", "grown", 7000)},
		"edit that shrinks":   {[]Profile{small, big}, "big", some("big", "shrunk", 0)},
		"edit of a big one":   {[]Profile{small, big}, "big", some("big", "changed", 7000)},
		"delete":              {[]Profile{small, big}, "small", Profile{}},
		"delete a big one":    {[]Profile{small, big}, "big", Profile{}},
		"delete the last one": {[]Profile{big}, "big", Profile{}},
	} {
		t.Run(name, func(t *testing.T) {
			next := "" // how the profile is listed afterwards
			change := func(v *vault) error { return v.remove(t.Context(), tt.id) }
			if tt.next.ID != "" {
				next = plain(tt.next)
				change = func(v *vault) error { return put(t, v, tt.next) }
			}
			reads, done := true, false
			for k := 0; !done || reads; k++ {
				if done { // once more, with writes alone
					k, reads, done = 0, false, false
				}
				for sweepWrites := range 4 {
					m := newMemory()
					now := time.Unix(1e9, 0)
					open := func(b backend) *vault {
						return newVault(strictBackend{b, t}, func() time.Time { return now })
					}
					v := open(m)
					for _, p := range tt.before {
						if err := put(t, v, p); err != nil {
							t.Fatal(err)
						}
					}
					now = now.Add(2 * grace)
					before := listing(t, v)

					err := change(open(&crashing{m, k, reads}))
					if done = err == nil; !done && !errors.Is(err, errCrash) {
						t.Fatalf("after %d writes: %v", k, err)
					}
					after := listing(t, open(m)) // must understand what the crash left
					for id, want := range before {
						if got := after[id]; got != want && id != tt.id {
							t.Fatalf("after %d writes: profile %s = %s, want %s", k, id, got, want)
						}
					}
					for id := range after {
						if _, ok := before[id]; !ok && id != tt.id {
							t.Fatalf("after %d writes: profile %s came from nowhere", k, id)
						}
					}
					if got := after[tt.id]; got != next && (done || got != before[tt.id]) {
						t.Fatalf("after %d writes: profile = %s, want it as before (%s) or after (%s)", k, got, before[tt.id], next)
					}

					// The next run puts the rest right, even if it crashes too.
					now = now.Add(2 * grace)
					_ = open(&crashing{m, sweepWrites, false}).sweep(t.Context())
					if last := listing(t, open(m)); !maps.Equal(last, after) {
						t.Fatalf("after %d writes: cleaning up changed the list: got %v, want %v", k, last, after)
					}
					if want, got := names(t, v, m); !slices.Equal(want, got) {
						t.Fatalf("after %d writes: entries = %q, want %q", k, got, want)
					}
					if err := change(open(m)); err != nil && !errors.Is(err, ErrNotFound) {
						t.Fatalf("after %d writes: again: %v", k, err)
					}
				}
			}
		})
	}
}

// A meddling backend lets another window act just before its call number k.
type meddling struct {
	*memory
	k      int
	meddle func()
}

func (m *meddling) tick() {
	if m.k--; m.k == -1 {
		m.meddle()
	}
}

func (m *meddling) Set(name, value string) error {
	m.tick()
	return m.memory.Set(name, value)
}

func (m *meddling) Get(name string) (string, error) {
	m.tick()
	return m.memory.Get(name)
}

func (m *meddling) Delete(name string) error {
	m.tick()
	return m.memory.Delete(name)
}

// listWhole lists, and takes any fault for an error.
func listWhole(t *testing.T) func(*vault) error {
	return func(v *vault) error {
		entries, err := v.list(t.Context())
		for _, e := range entries {
			if e.Fault != nil {
				err = errors.Join(err, fmt.Errorf("%s is faulty: %+v", e.ID, e.Fault))
			}
		}
		return err
	}
}

func TestTwoWindowsKeepEachOthersProfiles(t *testing.T) {
	kept, mine, theirs := some("kept", "kept", 5000), some("mine", "mine", 5000), some("theirs", "theirs", 5000)
	for name, tt := range map[string]struct {
		we, they func(*vault) error
		want     []ID // beside kept
	}{
		"both save": {
			func(v *vault) error { return put(t, v, mine) },
			func(v *vault) error { return put(t, v, theirs) }, []ID{"mine", "theirs"}},
		"we delete, they save": {
			func(v *vault) error { return v.remove(t.Context(), "gone") },
			func(v *vault) error { return put(t, v, theirs) }, []ID{"theirs"}},
		"both save the same": {
			func(v *vault) error {
				err := put(t, v, mine)
				if errors.Is(err, ErrChanged) {
					return nil // the person is asked; theirs is stored
				}
				return err
			},
			func(v *vault) error { return put(t, v, some("mine", "mine", 9000)) }, []ID{"mine"}},
		"we save, they list": {
			func(v *vault) error { return put(t, v, mine) },
			func(v *vault) error { _, err := v.list(t.Context()); return err }, []ID{"mine"}},
		"we list, they save": {
			listWhole(t),
			func(v *vault) error { return put(t, v, some("kept", "kept", 9000)) }, nil},
		"we list, they delete": {
			listWhole(t),
			func(v *vault) error { return v.remove(t.Context(), "gone") }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			for k, done := 0, false; !done; k++ {
				m := newMemory()
				now := time.Unix(1e9, 0)
				v := newVault(strictBackend{m, t}, func() time.Time { return now })
				for _, p := range []Profile{kept, some("gone", "gone", 5000)} {
					if err := put(t, v, p); err != nil {
						t.Fatal(err)
					}
				}
				ours := &meddling{m, k, func() {
					if err := tt.they(v); err != nil {
						t.Errorf("they, before call %d: %v", k, err)
					}
				}}
				if err := tt.we(newVault(ours, v.now)); err != nil {
					t.Fatalf("we, with them before call %d: %v", k, err)
				}
				done = ours.k >= 0
				now = now.Add(2 * grace)
				entries, err := v.list(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, id := range append([]ID{"kept"}, tt.want...) {
					if !slices.ContainsFunc(entries, func(e Entry) bool { return e.ID == id && e.Fault == nil }) && !done {
						t.Errorf("with them before call %d: %s is lost: %v", k, id, entries)
					}
				}
			}
		})
	}
}

package profiles

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// inOrder returns the groups and names of a list, top to bottom.
func inOrder(t *testing.T, s *Store) string {
	t.Helper()
	entries, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, e := range entries {
		if e.Fault != nil {
			t.Fatalf("%s: %+v", e.ID, e.Fault)
		}
		lines = append(lines, e.Profile.Group+"/"+e.Profile.Name)
	}
	return strings.Join(lines, " ")
}

func TestPlaceAndArrange(t *testing.T) {
	s := NewMemory()
	defer s.Close(context.WithoutCancel(t.Context()))
	for _, name := range []string{"c", "b", "a", "e", "d"} {
		p := some(ID(name), name, 0)
		if name == "b" {
			p = some(ID(name), name, 6000)
		}
		if name > "c" {
			p.Group = "Test"
		}
		if _, err := s.Save(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		id    ID
		group string
		next  ID
		want  string
	}{
		{"", "", "", "/a /b /c Test/d Test/e"},
		{"c", "", "a", "/c /a /b Test/d Test/e"},
		{"b", "", "a", "/c /b /a Test/d Test/e"},
		{"b", "test", "e", "/c /a Test/d Test/b Test/e"},
		{"d", "Test", "", "/c /a Test/b Test/e Test/d"},
		{"a", "Demo ", "", "/c Demo/a Test/b Test/e Test/d"},
		{"a", "", "c", "/a /c Test/b Test/e Test/d"},
		{"c", "", "c", "/a /c Test/b Test/e Test/d"},
	} {
		entries, err := s.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Arrange(t.Context(), Place(entries, step.id, step.group, step.next)); err != nil {
			t.Fatal(err)
		}
		if got := inOrder(t, s); got != step.want {
			t.Errorf("%s into %q before %q: %s, want %s", step.id, step.group, step.next, got, step.want)
		}
		entries, err = s.List(t.Context())
		if again := Place(entries, step.id, strings.TrimSpace(step.group), step.next); err != nil || len(again) != 0 {
			t.Errorf("%s into %q before %q again: %v, %v; want no change", step.id, step.group, step.next, again, err)
		}
	}
	entries, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Arrange(t.Context(), RenameGroup(entries, "TEST", "Staging")); err != nil || inOrder(t, s) != "/a /c Staging/b Staging/e Staging/d" {
		t.Errorf("RenameGroup: %v, %s", err, inOrder(t, s))
	}
	for _, e := range entries {
		if after, _ := find(t, s, e.ID); !after.SameConnection(e.Profile) || after.CACertificates != e.Profile.CACertificates {
			t.Errorf("moving changed %v to %v", e.Profile, after)
		}
	}
}

func find(t *testing.T, s *Store, id ID) (Profile, bool) {
	t.Helper()
	entries, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.ID == id {
			return e.Profile, true
		}
	}
	return Profile{}, false
}

func TestArrangeGoesOnAfterWhatItCannotMove(t *testing.T) {
	m, s, _ := twoCopies(t)
	for _, id := range []ID{"newer", "old", "gone", "last"} {
		if _, err := s.Save(t.Context(), some(id, string(id), 0)); err != nil {
			t.Fatal(err)
		}
	}
	m.entries[mainName("newer")] = `{"v":9}`
	m.entries[mainName("old")] = `{"v":2,"profile":{"id":"old","name":"old","namespace":"c.net","hybridConnection":"orders","keyName":"k","key":"secret"}}`
	if err := s.Delete(t.Context(), "gone"); err != nil {
		t.Fatal(err)
	}
	err := s.Arrange(t.Context(), []Placement{{"newer", "g", 1}, {"gone", "g", 2}, {"old", "g", 3}, {"last", "g", 4}, {"../x", "g", 5}})
	if !errors.Is(err, ErrNewer) {
		t.Errorf("Arrange = %v, want ErrNewer for one", err)
	}
	for _, id := range []ID{"old", "last"} {
		if p, _ := find(t, s, id); p.Group != "g" || p.SignIn.Key.Empty() {
			t.Errorf("%s is now %v in %q", id, p, p.Group)
		}
	}
	if _, ok := m.entries[mainName("gone")]; ok || m.entries[mainName("newer")] != `{"v":9}` {
		t.Error("a deleted profile came back, or a newer one was rewritten")
	}
	if err := s.Arrange(t.Context(), []Placement{{"last", "a\nb", 1}}); err == nil {
		t.Error("a line break in a group's name was taken")
	}
}

// A move is a change like any other to a copy that has the profile open.
func TestMoveIsNoticed(t *testing.T) {
	_, ours, theirs := twoCopies(t)
	p, err := ours.Save(t.Context(), some("id", "a", 0))
	if err != nil {
		t.Fatal(err)
	}
	if err := theirs.Arrange(t.Context(), []Placement{{"id", "theirs", 1}}); err != nil {
		t.Fatal(err)
	}
	if _, err := ours.Save(t.Context(), p); !errors.Is(err, ErrChanged) {
		t.Errorf("Save after their move = %v, want ErrChanged", err)
	}
}

// A profile that only just fits its entry moves into a group with a long name.
func TestMoveThatOutgrowsTheEntry(t *testing.T) {
	m, s, _ := twoCopies(t)
	p := some("id", "a", 0)
	p.CACertificates = strings.Repeat(testRoot, 3)
	room := maxEntry - len(mustEncode(t, p)) - len(`,"tag":"0123456789abcdef"`)
	p.Name += strings.Repeat("n", min(room, maxName-1))
	p, err := s.Save(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	group := strings.Repeat("Ł", maxName)
	if err := s.Arrange(t.Context(), []Placement{{"id", group, 7}}); err != nil {
		t.Fatal(err)
	}
	got := listed(t, s)
	if p.Group, p.Order = group, 7; plain(got) != plain(p) {
		t.Errorf("moved: %v, want %v", got, p)
	}
	for name, text := range m.entries {
		if len(text) > maxEntry {
			t.Errorf("%s has %d bytes", name, len(text))
		}
	}
}

func mustEncode(t *testing.T, p Profile) string {
	t.Helper()
	text, parts, _ := encode(p)
	if len(parts) > 0 {
		t.Fatalf("the profile is too big for this test: %d parts", len(parts))
	}
	return text
}

func TestCrashWhileArrangingLosesNothing(t *testing.T) {
	places := []Placement{{"a", "g", 2}, {"b", strings.Repeat("g", maxName), 1}, {"c", "g", 1}}
	for k, done := 0, false; !done; k++ {
		m := newMemory()
		v := newVault(strictBackend{m, t}, time.Now)
		for _, p := range []Profile{some("a", "a", 0), some("b", "b", 6000), some("c", "c", 0)} {
			if err := put(t, v, p); err != nil {
				t.Fatal(err)
			}
		}
		before := listing(t, v)
		err := newVault(strictBackend{&crashing{m, k, true}, t}, time.Now).arrange(t.Context(), places)
		if done = err == nil; !done && !errors.Is(err, errCrash) {
			t.Fatalf("after %d writes: %v", k, err)
		}
		after := listing(t, v)
		for _, to := range places {
			h, p, err := v.load(t.Context(), to.ID)
			if err != nil {
				t.Fatal(err)
			}
			if moved := (p.Group == to.Group && p.Order == to.Order); !moved && (done || after[to.ID] != before[to.ID]) {
				t.Errorf("after %d writes: %s is neither where it was nor where it goes: %+v", k, to.ID, h)
			}
			p.Group, p.Order = "", 0
			if plain(p) != before[to.ID] {
				t.Errorf("after %d writes: moving changed %v", k, p)
			}
		}
	}
}

package saved_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"relayscope/profiles"
	"relayscope/profiles/saved"
)

const mine, other = profiles.ID("p1"), profiles.ID("p2")

func names(l saved.List) string {
	var all []string
	for _, m := range l {
		name := m.Name
		if m.Folder != "" {
			name = m.Folder + "/" + name
		}
		all = append(all, name)
	}
	return strings.Join(all, " ")
}

// list makes messages of names such as folder/name; one that ends in * is
// everybody's, one that ends in ! another profile's.
func list(t *testing.T, all ...string) saved.List {
	t.Helper()
	var l saved.List
	for _, text := range all {
		m := saved.Message{ID: text, Profile: mine, Kind: "Text", Text: text}
		folder, name, in := strings.Cut(text, "/")
		if !in {
			folder, name = "", text
		}
		switch {
		case strings.HasSuffix(name, "*"):
			m.Profile = ""
		case strings.HasSuffix(name, "!"):
			m.Profile = other
		}
		m.Folder, m.Name = folder, name
		var err error
		if l, err = l.Put(m); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

func TestFoldersAndProfiles(t *testing.T) {
	l := list(t, "B/one", "a", "x!", "A/two", "b/three", "c*")
	if got := names(l.For(mine)); got != "a c* B/one b/three A/two" {
		t.Errorf("the profile shows %s", got)
	}
	if got := names(l.For(other)); got != "x! c*" {
		t.Errorf("the other profile shows %s", got)
	}
	if got := l.Folders(mine); !slices.Equal(got, []string{"B", "A"}) {
		t.Errorf("folders %v", got)
	}
	if got := names(l.RenameFolder("b", " C  d", mine).For(mine)); got != "a c* C d/one C d/three A/two" {
		t.Errorf("renamed: %s", got)
	}
	if got := names(l.RenameFolder("A", "", mine).For(mine)); got != "a two c* B/one b/three" {
		t.Errorf("dissolved: %s", got)
	}
}

func TestMessagesOutliveTheirProfile(t *testing.T) {
	l := list(t, "a", "F/b", "x!", "c*").Release(mine, "Orders")
	if got := names(l.For(other)); got != "x! c* Orders/a F/b" {
		t.Errorf("the other profile shows %s", got)
	}
}

func TestMoving(t *testing.T) {
	l := list(t, "a", "x!", "F/f", "b", "c", "F/g")
	for _, tt := range []struct {
		id   string
		by   int
		want string
	}{
		{"a", 1, "b a c F/f F/g"}, {"a", 9, "b c a F/f F/g"}, {"c", -1, "a c b F/f F/g"}, {"c", -9, "c a b F/f F/g"},
		{"a", -1, "a b c F/f F/g"}, {"F/g", -1, "a b c F/g F/f"}, {"F/f", 5, "a b c F/g F/f"}, {"nobody", 1, "a b c F/f F/g"},
	} {
		if got := names(l.Move(tt.id, tt.by, mine).For(mine)); got != tt.want {
			t.Errorf("%s by %d: %s, want %s", tt.id, tt.by, got, tt.want)
		}
	}
}

// However messages are moved, renamed, removed and put back, none is lost and
// none is there twice.
func TestNothingIsLost(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0))
		l := list(t, "a", "b*", "x!", "F/c", "F/d", "G/e*", "y!")
		want := len(l)
		for range 60 {
			id := l[random.IntN(len(l))].ID
			before := slices.Clone(l)
			next := l
			switch random.IntN(4) {
			case 0:
				next = l.Move(id, random.IntN(7)-3, mine)
			case 1:
				next = l.RenameFolder([]string{"F", "G", "H"}[random.IntN(3)], []string{"F", "G", "H", ""}[random.IntN(4)], mine)
			case 2:
				m, _ := l.Get(id)
				rest, place := l.Remove(id)
				next = rest.Insert(m, place)
				if !reflect.DeepEqual(next, l) {
					t.Fatalf("seed %d: removing %s and undoing it gives %s, not %s", seed, id, names(next), names(l))
				}
			case 3:
				m, _ := l.Get(id)
				m.Name = fmt.Sprint(random.IntN(1000))
				var err error
				if next, err = l.Put(m); err != nil {
					t.Fatal(err)
				}
			}
			if !reflect.DeepEqual(l, before) {
				t.Fatalf("seed %d: the list itself was changed", seed)
			}
			l = next
			seen := map[string]bool{}
			for _, m := range l {
				seen[m.ID] = true
			}
			if len(l) != want || len(seen) != want {
				t.Fatalf("seed %d: %d messages with %d IDs, want %d", seed, len(l), len(seen), want)
			}
			if n := len(l.For(mine)) + len(l.For(other)); n != want+2 { // two are everybody's
				t.Fatalf("seed %d: %d messages are shown", seed, n)
			}
		}
	}
}

func TestNamesAndBounds(t *testing.T) {
	for text, want := range map[string]string{
		"": "Empty message", " {\n \"a\": 1}": `{ "a": 1}`, strings.Repeat("long ", 100): "long long long long long long long long…", "a\u202eb\x00": "ab",
	} {
		l, err := saved.List{}.Put(saved.Message{ID: "1", Text: text})
		if err != nil || l[0].Name != want {
			t.Errorf("%q is named %q, %v; want %q", text, l[0].Name, err, want)
		}
	}
	if _, err := (saved.List{}).Put(saved.Message{ID: "1", Text: strings.Repeat("x", 1<<20+1)}); !errors.Is(err, saved.ErrTooLarge) {
		t.Errorf("a message that is too large: %v", err)
	}
	many := make(saved.List, 2000)
	if _, err := many.Put(saved.Message{ID: "1"}); !errors.Is(err, saved.ErrTooMany) {
		t.Errorf("too many messages: %v", err)
	}
}

func put(m saved.Message) func(saved.List) (saved.List, error) {
	return func(l saved.List) (saved.List, error) { return l.Put(m) }
}

func TestStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "folder", saved.FileName)
	a, b := saved.NewStore(path), saved.NewStore(path)
	if l, err := a.List(); err != nil || len(l) != 0 {
		t.Errorf("without a file: %v, %v", l, err)
	}
	want := saved.Message{ID: "1", Name: "grüße", Folder: "F", Profile: mine, Kind: "Hex", Text: "00 <&>\n\u2028", Binary: true, Literal: true}
	if _, err := a.Update(put(want)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Update(put(saved.Message{ID: "2", Name: "second"})); err != nil { // another window
		t.Fatal(err)
	}
	l, err := a.List()
	if err != nil || len(l) != 2 || l[0] != want {
		t.Errorf("read back %+v, %v", l, err)
	}
	failure := errors.New("no")
	if _, err := a.Update(func(saved.List) (saved.List, error) { return nil, failure }); !errors.Is(err, failure) {
		t.Errorf("a change that fails: %v", err)
	}
	if l, _ := a.List(); len(l) != 2 {
		t.Errorf("a change that fails leaves %d messages", len(l))
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has the mode %v, %v", info.Mode(), err)
	}
}

func TestBrokenFileIsPutAside(t *testing.T) {
	for name, broken := range map[string]string{"half": `{"v":1,"messages":[{"na`, "no version": `{}`, "other": `[]`} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, saved.FileName)
			if err := os.WriteFile(path, []byte(broken), 0o600); err != nil {
				t.Fatal(err)
			}
			s := saved.NewStore(path)
			if l, err := s.List(); !errors.Is(err, saved.ErrBroken) || len(l) != 0 {
				t.Errorf("read %v, %v", l, err)
			}
			for _, id := range []string{"1", "2"} {
				if _, err := s.Update(put(saved.Message{ID: id})); err != nil {
					t.Fatal(err)
				}
			}
			if l, err := s.List(); err != nil || len(l) != 2 {
				t.Errorf("after that: %v, %v", l, err)
			}
			kept, err := filepath.Glob(filepath.Join(folder, "messages-broken-*.json"))
			if err != nil || len(kept) != 1 {
				t.Fatalf("kept %v, %v", kept, err)
			}
			if text, err := os.ReadFile(kept[0]); err != nil || string(text) != broken {
				t.Errorf("kept %q, %v", text, err)
			}
		})
	}
}

func TestNewerFileIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), saved.FileName)
	const newer = `{"v":2,"messages":{}}`
	_ = os.WriteFile(path, []byte(newer), 0o600)
	s := saved.NewStore(path)
	if _, err := s.Update(put(saved.Message{ID: "1"})); err == nil {
		t.Error("a newer file was written over")
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != newer {
		t.Errorf("the file holds %q, %v", text, err)
	}
}

func TestManyAtOnce(t *testing.T) {
	s := saved.NewStore(filepath.Join(t.TempDir(), saved.FileName))
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if _, err := s.Update(put(saved.Message{ID: fmt.Sprint(i)})); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if l, err := s.List(); err != nil || len(l) != 20 {
		t.Errorf("%d messages, %v", len(l), err)
	}
}

func TestExportAndImport(t *testing.T) {
	l := list(t, "a", "x!", "F/b", "c*")
	text := l.Export(mine)
	for _, secret := range []string{string(mine), string(other), "x!"} {
		if strings.Contains(string(text), `"`+secret+`"`) {
			t.Errorf("the export tells %s:\n%s", secret, text)
		}
	}
	got, added, err := saved.List{}.Import(text, other)
	if err != nil || added != 3 || names(got.For(other)) != "a c* F/b" || len(got.For(mine)) != 0 {
		t.Errorf("imported %d: %s, %v", added, names(got), err)
	}
	if again, added, err := got.Import(text, other); err != nil || added != 0 || len(again) != 3 {
		t.Errorf("imported again: %d new, %d in all, %v", added, len(again), err)
	}
	for _, wrong := range []string{"", "{}", "x", `{"v":1,"messages":[{"name":1}]}`} {
		if l, _, err := got.Import([]byte(wrong), other); !errors.Is(err, saved.ErrBroken) || len(l) != 3 {
			t.Errorf("import of %q: %d messages, %v", wrong, len(l), err)
		}
	}
	if _, _, err := got.Import([]byte(`{"v":9}`), other); !errors.Is(err, saved.ErrNewer) {
		t.Errorf("import of a newer file: %v", err)
	}
}

// Whatever a file holds, what is read of it survives being written.
func FuzzFile(f *testing.F) {
	f.Add([]byte(`{"v":1,"messages":[{"name":"a","kind":"Text","text":"b"},{"id":"1"},{"id":"1"}]}`))
	f.Add([]byte(`{"v":1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		l, _, err := saved.List{}.Import(text, mine)
		if err != nil {
			return
		}
		back, added, err := saved.List{}.Import(l.Export(mine), mine)
		if err != nil || added != len(l) {
			t.Fatalf("%d messages become %d, %v", len(l), added, err)
		}
		shown := l.For(mine)
		for i := range back {
			back[i].ID, shown[i].ID = "", ""
		}
		if len(back) > 0 && !reflect.DeepEqual(back, shown) {
			t.Errorf("%+v becomes %+v", shown, back)
		}
	})
}

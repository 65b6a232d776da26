package profiles

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func memoryStore(t *testing.T, b backend) *Store {
	t.Helper()
	s := start(b, "test", "")
	t.Cleanup(func() {
		if err := s.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func TestStoreInMemory(t *testing.T) {
	s := NewMemory()
	if got, want := s.Where(), "memory, for this run only"; got != want {
		t.Errorf("Where() = %q, want %q", got, want)
	}
	if err := s.Probe(t.Context()); err != nil {
		t.Errorf("Probe: %v", err)
	}
	b, a, big := some(NewID(), "b", 0), some(NewID(), "A", 0), some(NewID(), "c", 9000)
	for _, p := range []Profile{b, big, a} {
		if _, err := s.Save(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := s.List(t.Context())
	if err != nil || len(entries) != 3 {
		t.Fatalf("List = %v, %v; want three profiles", entries, err)
	}
	for i, want := range []Profile{a, b, big} {
		if got := entries[i]; got.ID != want.ID || plain(got.Profile) != plain(want) {
			t.Errorf("profile %d = %v, want %v", i, got.Profile, want)
		}
	}
	for _, p := range []Profile{a, b, big} {
		if err := s.Delete(t.Context(), p.ID); err != nil {
			t.Errorf("Delete: %v", err)
		}
	}
	if err := s.Delete(t.Context(), a.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("second Delete = %v, want ErrNotFound", err)
	}
	if m := s.vault.backend.(*memory); len(m.entries) != 0 {
		t.Errorf("left behind: %d entries", len(m.entries))
	}
	for range 2 {
		if err := s.Close(t.Context()); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	if _, err := s.Save(t.Context(), a); !errors.Is(err, ErrClosed) {
		t.Errorf("Save after Close = %v, want ErrClosed", err)
	}
}

func TestSaveRefuses(t *testing.T) {
	m := newMemory()
	s := memoryStore(t, m)
	var ve *ValidationError
	if _, err := s.Save(t.Context(), Profile{ID: NewID()}); !errors.As(err, &ve) || len(ve.Problems) != 4 {
		t.Errorf("Save of an empty profile = %v, want four problems", err)
	}
	if _, err := s.Save(t.Context(), some("", "no ID", 0)); err == nil {
		t.Error("Save without ID succeeded")
	}
	if _, err := s.Save(t.Context(), some("a.b", "dotted ID", 0)); err == nil {
		t.Error("Save with a dot in the ID succeeded")
	}
	if len(m.entries) != 0 {
		t.Errorf("left behind: %v", m.entries)
	}
}

func TestManyProfilesFillSeveralPages(t *testing.T) {
	m := newMemory()
	s := memoryStore(t, strictBackend{m, t})
	const n = 500
	var saved []ID
	var wg sync.WaitGroup
	for i := range n {
		id := NewID()
		saved = append(saved, id)
		wg.Go(func() {
			if _, err := s.Save(t.Context(), some(id, fmt.Sprint("profile ", i), 0)); err != nil {
				t.Errorf("Save: %v", err)
			}
		})
	}
	wg.Wait()
	if entries, err := s.List(t.Context()); err != nil || len(entries) != n {
		t.Fatalf("List has %d entries, %v; want %d", len(entries), err, n)
	}
	pages := 0
	for name, text := range m.entries {
		if strings.HasPrefix(name, "index.") {
			if pages++; len(text) >= 2560 {
				t.Errorf("%s has %d bytes, more than Windows Credential Manager takes", name, len(text))
			}
		}
	}
	if pages < 4 {
		t.Errorf("the index has %d pages, want at least four", pages)
	}
	for _, id := range saved {
		if err := s.Delete(t.Context(), id); err != nil {
			t.Fatalf("Delete: %v", err)
		}
	}
	for name := range m.entries {
		if name != pendingName {
			t.Errorf("left behind: %s", name)
		}
	}
}

func TestFaultsHideNothing(t *testing.T) {
	m := newMemory()
	s := memoryStore(t, m)
	for _, id := range []ID{"good", "missing", "corrupt", "newer", "partless", "mixed"} {
		size := 0
		if id == "partless" || id == "mixed" {
			size = 5000
		}
		if _, err := s.Save(t.Context(), some(id, "called "+string(id), size)); err != nil {
			t.Fatal(err)
		}
	}
	v := &s.vault
	rev := func(id ID) string {
		h, err := v.head(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return h.rev.Name
	}
	delete(m.entries, mainName("missing"))
	m.entries[mainName("corrupt")] = m.entries[mainName("good")] // of another ID
	m.entries[mainName("newer")] = `{"v":9,"sealed":"key"}`
	delete(m.entries, partName("partless", rev("partless"), 1))
	m.entries[partName("mixed", rev("mixed"), 1)] += " "
	m.entries[pageName(1)] = `{"v":1,"ids":[7]}`
	m.entries[pageName(3)] = `{"v":9}`

	want := map[ID]Fault{
		"missing":  {Kind: FaultMissing},
		"corrupt":  {Kind: FaultCorrupt},
		"newer":    {Kind: FaultNewer},
		"partless": {Kind: FaultMissing, Name: "called partless"},
		"mixed":    {Kind: FaultCorrupt, Name: "called mixed"},
	}
	wantPages := []FaultKind{FaultCorrupt, FaultMissing, FaultNewer}
	held := len(m.entries)
	entries, err := s.List(t.Context())
	if err != nil || len(entries) != 9 || entries[0].ID != "good" || entries[0].Fault != nil {
		t.Fatalf("List = %v, %v; want good and eight faults", entries, err)
	}
	for _, e := range entries[1:] {
		if e.Fault == nil || e.Fault.Message == "" || e.Fault.Remedy == "" || e.Profile != (Profile{}) {
			t.Errorf("%s: %+v, want a fault with a remedy", e.ID, e)
			continue
		}
		if e.ID == "" {
			if e.Fault.Kind != wantPages[0] {
				t.Errorf("page fault = %+v, want kind %v", e.Fault, wantPages[0])
			}
			wantPages = wantPages[1:]
		} else if w := want[e.ID]; e.Fault.Kind != w.Kind || e.Fault.Name != w.Name {
			t.Errorf("%s: %+v, want %+v", e.ID, e.Fault, w)
		}
	}
	if len(m.entries) != held {
		t.Errorf("List left %d entries of %d", len(m.entries), held)
	}
	if _, err := s.Save(t.Context(), some("newer", "older", 0)); !errors.Is(err, ErrNewer) {
		t.Errorf("Save over a newer entry = %v, want ErrNewer", err)
	}
	for id := range want {
		if err := s.Delete(t.Context(), id); err != nil {
			t.Errorf("Delete(%s): %v", id, err)
		}
	}
	if entries, err = s.List(t.Context()); err != nil || len(entries) != 4 {
		t.Errorf("List after Delete = %v, %v; want good and three pages", entries, err)
	}
}

// A refusing backend does not give out one entry.
type refusing struct {
	*memory
	name string
}

func (r refusing) Get(name string) (string, error) {
	if name == r.name {
		return "", classify(errors.New("failed to unlock correct collection 'x'"))
	}
	return r.memory.Get(name)
}

func TestOneRefusedEntryHidesNothing(t *testing.T) {
	m := newMemory()
	s := memoryStore(t, refusing{m, mainName("denied")})
	v := newVault(m, time.Now)
	for _, id := range []ID{"denied", "good"} {
		if err := put(t, v, some(id, string(id), 0)); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := s.List(t.Context())
	if err != nil || len(entries) != 2 || entries[0].ID != "good" || entries[1].Fault.Kind != FaultUnreadable || !errors.Is(entries[1].Fault.Err, ErrLocked) {
		t.Errorf("List = %+v, %v; want good, and denied as unreadable", entries, err)
	}
}

// A hanging backend waits for a person at every call.
type hanging struct {
	*memory
	asked  chan string
	answer chan struct{}
}

func (h hanging) Get(name string) (string, error) {
	h.asked <- name
	<-h.answer
	return h.memory.Get(name)
}

func TestUnansweredPromptBlocksNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hanging{newMemory(), make(chan string, 1), make(chan struct{})}
		s := start(h, "test", "")
		began := time.Now()
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.Save(short, some("a", "a", 0)); !errors.Is(err, ErrLocked) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Save = %v, want ErrLocked with the deadline", err)
		}
		stop := errors.New("the person went away")
		left, leave := context.WithCancelCause(t.Context())
		defer time.AfterFunc(2*time.Second, func() { leave(stop) }).Stop()
		if _, err := s.List(left); !errors.Is(err, stop) || errors.Is(err, ErrLocked) {
			t.Errorf("List = %v, want only the cause of the cancellation", err)
		}
		if err := s.Delete(t.Context(), "a"); !errors.Is(err, ErrLocked) {
			t.Errorf("Delete without deadline = %v, want ErrLocked", err)
		}
		if got, want := time.Since(began), 3*time.Second+CallTimeout; got != want {
			t.Errorf("callers waited %v, want %v", got, want)
		}
		short, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Close(short); !errors.Is(err, ErrLocked) {
			t.Errorf("Close = %v, want ErrLocked", err)
		}
		if _, err := s.List(t.Context()); !errors.Is(err, ErrClosed) {
			t.Errorf("List after Close = %v, want ErrClosed", err)
		}
		close(h.answer)
		if err := s.Close(t.Context()); err != nil {
			t.Errorf("second Close: %v", err)
		}
		if len(h.asked) != 1 || len(h.entries) != 0 {
			t.Errorf("abandoned calls went on: asked %d times, wrote %v", len(h.asked), h.entries)
		}
	})
}

// A chatty backend fails with everything it was given.
type chatty struct{ *memory }

func (chatty) Set(name, _ string) error { return classify(fmt.Errorf("set %s: no keyring", name)) }

func TestErrorsHoldNoSecret(t *testing.T) {
	s := memoryStore(t, chatty{newMemory()})
	p := some("a", "a", 0)
	_, err := s.Save(t.Context(), p)
	if !errors.Is(err, ErrUnavailable) || strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), p.SignIn.Key.Reveal()) {
		t.Errorf("Save = %v, want ErrUnavailable without the key", err)
	}
}

package profiles

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"relayscope/relayclient"
)

// twoCopies returns two stores over the same entries, as two running copies of
// the program have them.
func twoCopies(t *testing.T) (*memory, *Store, *Store) {
	t.Helper()
	m, folder := newMemory(), t.TempDir()
	open := func() *Store {
		s := start(strictBackend{m, t}, "test", folder)
		t.Cleanup(func() {
			if err := s.Close(context.WithoutCancel(t.Context())); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
		return s
	}
	return m, open(), open()
}

// listed returns the only profile of a store.
func listed(t *testing.T, s *Store) Profile {
	t.Helper()
	entries, err := s.List(t.Context())
	if err != nil || len(entries) != 1 || entries[0].Fault != nil {
		t.Fatalf("List = %+v, %v; want one profile", entries, err)
	}
	return entries[0].Profile
}

func TestSaveNoticesTheOtherCopysChange(t *testing.T) {
	for name, size := range map[string]int{"one entry": 0, "in parts": 6000} {
		t.Run(name, func(t *testing.T) {
			_, ours, theirs := twoCopies(t)
			first, err := ours.Save(t.Context(), some("id", "first", size))
			if err != nil || first.Revision == "" {
				t.Fatalf("Save = %v, %v; want a revision", first, err)
			}
			changed := listed(t, theirs)
			changed.Name = "theirs"
			changed.SignIn.Key = relayclient.NewSecret("their-key")
			if _, err := theirs.Save(t.Context(), changed); err != nil {
				t.Fatal(err)
			}
			mine := first
			mine.Name = "mine"
			_, err = ours.Save(t.Context(), mine)
			ce, ok := errors.AsType[*ChangedError](err)
			if !ok || !errors.Is(err, ErrChanged) || ce.Deleted() || plain(ce.Stored) != plain(changed) {
				t.Fatalf("Save over theirs = %v, want ErrChanged with what they stored", err)
			}
			if got := listed(t, ours); plain(got) != plain(changed) {
				t.Fatalf("stored is %v, want theirs: %v", got, changed)
			}
			mine.Revision = ce.Stored.Revision // the person wants it so
			if mine, err = ours.Save(t.Context(), mine); err != nil || plain(listed(t, theirs)) != plain(mine) {
				t.Errorf("Save all the same: %v, stored %v", err, listed(t, theirs))
			}
		})
	}
}

func TestSaveNoticesTheOtherCopysDelete(t *testing.T) {
	m, ours, theirs := twoCopies(t)
	p, err := ours.Save(t.Context(), some("id", "first", 0))
	if err != nil {
		t.Fatal(err)
	}
	if err := theirs.Delete(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	_, err = ours.Save(t.Context(), p)
	if ce, ok := errors.AsType[*ChangedError](err); !ok || !ce.Deleted() {
		t.Fatalf("Save of a deleted profile = %v, want ErrChanged as deleted", err)
	}
	if _, ok := m.entries[mainName(p.ID)]; ok {
		t.Error("the deleted profile is back")
	}
	p.Revision = ""
	if _, err = ours.Save(t.Context(), p); err != nil || plain(listed(t, theirs)) != plain(p) {
		t.Errorf("Save all the same: %v", err)
	}
}

// Somebody who saves again after an error must not be asked about their own
// change.
func TestSaveAgainIsNoConflict(t *testing.T) {
	_, ours, _ := twoCopies(t)
	p := some("id", "first", 6000)
	for range 2 {
		if _, err := ours.Save(t.Context(), p); err != nil {
			t.Errorf("Save of the same: %v", err)
		}
	}
}

// What an older version of the program wrote has a revision too.
func TestSaveOverAnOldEntryThatChanged(t *testing.T) {
	m, ours, _ := twoCopies(t)
	m.entries[pageName(0)] = `{"v":2,"ids":["id"]}`
	old := `{"v":2,"profile":{"id":"id","name":"%s","namespace":"contoso.servicebus.windows.net","hybridConnection":"orders","keyName":"k","key":"secret"}}`
	m.entries[mainName("id")] = fmt.Sprintf(old, "as read")
	p := listed(t, ours)
	m.entries[mainName("id")] = fmt.Sprintf(old, "as changed")
	p.Name = "mine"
	if _, err := ours.Save(t.Context(), p); !errors.Is(err, ErrChanged) {
		t.Fatalf("Save = %v, want ErrChanged", err)
	}
	p = listed(t, ours)
	p.Name = "mine"
	if _, err := ours.Save(t.Context(), p); err != nil {
		t.Error(err)
	}
}

// Of many saves of the same profile at the same moment, by two copies, each
// either sees the one before it or is refused.
func TestNoSaveIsOverwrittenUnseen(t *testing.T) {
	_, ours, theirs := twoCopies(t)
	first, err := ours.Save(t.Context(), some("id", "first", 0))
	if err != nil {
		t.Fatal(err)
	}
	const each = 20
	var work sync.WaitGroup
	saved := make(chan int, 2*each)
	for n, s := range []*Store{ours, theirs} {
		work.Go(func() {
			p := first
			for i := range each {
				p.Order++ // counts the changes that this one builds on
				p.Name = fmt.Sprintf("%d of copy %d", i, n)
				after, err := s.Save(t.Context(), p)
				if ce, ok := errors.AsType[*ChangedError](err); ok {
					p = ce.Stored
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				p = after
				saved <- 1
			}
		})
	}
	work.Wait()
	if got := listed(t, ours).Order; got != len(saved) {
		t.Errorf("%d saves succeeded, but %d are in what is stored", len(saved), got)
	}
}

func TestBusyOtherCopyIsNamed(t *testing.T) {
	m, ours, _ := twoCopies(t)
	release, err := ours.vault.lock.hold(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	other := lock{ours.vault.lock.path}
	if _, ok := other.try(); ok {
		t.Fatal("two hold the lock")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*lockPoll)
	defer cancel()
	v := newVault(m, time.Now)
	v.lock = other
	if _, err := v.save(ctx, some("id", "a", 0)); !errors.Is(err, ErrBusy) || len(m.entries) > 0 {
		t.Errorf("save while another copy works = %v, left %d entries", err, len(m.entries))
	}
	if err := v.remove(ctx, "id"); !errors.Is(err, ErrBusy) {
		t.Errorf("remove while another copy works = %v, want ErrBusy", err)
	}
	left, leave := context.WithCancelCause(t.Context())
	leave(errCrash)
	if err := v.arrange(left, nil); !errors.Is(err, errCrash) || errors.Is(err, ErrBusy) {
		t.Errorf("arrange after a cancellation = %v, want its cause", err)
	}
	if entries, err := ours.List(t.Context()); err != nil || len(entries) > 0 {
		t.Errorf("List while another copy works = %v, %v", entries, err)
	}
	release()
	if _, err := ours.Save(t.Context(), some("id", "a", 0)); err != nil {
		t.Errorf("Save afterwards: %v", err)
	}
}

// A folder that cannot be had costs the lock and the results, not the profiles.
func TestFolderThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if _, err := writeInOneStep(file, []byte("x")); err != nil {
		t.Fatal(err)
	}
	s := start(newMemory(), "test", filepath.Join(file, "folder"))
	defer s.Close(context.WithoutCancel(t.Context()))
	if _, err := s.Save(t.Context(), some("id", "a", 0)); err != nil {
		t.Errorf("Save: %v", err)
	}
	if err := s.SetLastResult(t.Context(), "id", Result{OK: true}); !errors.Is(err, ErrFile) {
		t.Errorf("SetLastResult = %v, want ErrFile", err)
	}
	if p := listed(t, s); p.Name != "a" || p.LastResult != (Result{}) {
		t.Errorf("listed %v with %+v", p, p.LastResult)
	}
}

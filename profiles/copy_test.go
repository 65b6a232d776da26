package profiles

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
)

func TestCopyFromMemoryIntoASealedFile(t *testing.T) {
	from := NewMemory()
	defer from.Close(context.WithoutCancel(t.Context()))
	path := filepath.Join(t.TempDir(), "profiles.sealed")
	to := sealedStore(t, path)
	for _, p := range []Profile{some("small", "small", 0), some("big", "big", 6000), some("other", "mine", 0)} {
		if _, err := from.Save(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	result := Result{At: at(0), OK: true, Headline: "fine"}
	if err := from.SetLastResult(t.Context(), "big", result); err != nil {
		t.Fatal(err)
	}
	theirs, err := to.Save(t.Context(), some("other", "theirs", 0))
	if err != nil {
		t.Fatal(err)
	}
	if copied, err := from.CopyTo(t.Context(), to); copied != 2 || !errors.Is(err, ErrChanged) {
		t.Errorf("CopyTo = %d, %v; want two, and ErrChanged for the third", copied, err)
	}
	again := sealedStore(t, path)
	if p, _ := find(t, again, "big"); plain(p) != plain(some("big", "big", 6000).Normalize()) || p.LastResult != result {
		t.Errorf("copied: %v with %+v", p, p.LastResult)
	}
	if p, _ := find(t, again, "other"); plain(p) != plain(theirs) {
		t.Errorf("what was there is now %v", p)
	}
	if copied, err := from.CopyTo(t.Context(), to); copied != 2 || !errors.Is(err, ErrChanged) {
		t.Errorf("CopyTo again = %d, %v; want the same", copied, err)
	}
}

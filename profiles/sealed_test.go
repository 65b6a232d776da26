package profiles

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
)

// cheapWork makes guessing cheap, and tests quick.
const cheapWork = 4

var passphrase = relayclient.NewSecret("correct horse battery staple")

func sealedStore(t *testing.T, path string) *Store {
	t.Helper()
	b, err := openSealed(path, passphrase, cheapWork)
	if err != nil {
		t.Fatal(err)
	}
	s := start(b, "test", filepath.Dir(path))
	t.Cleanup(func() {
		if err := s.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func TestNewSealedFileMakesGuessingSlow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "profiles.sealed")
	s, err := OpenSealed(path, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	file, err := (&sealed{path: path}).load()
	header, _, _ := strings.Cut(string(file.Key), "\n---")
	_, stanza, _ := strings.Cut(header, "-> scrypt ")
	if fields := strings.Fields(stanza); err != nil || len(fields) < 2 || fields[1] != "18" {
		t.Errorf("the key's header is %q, %v; want scrypt with 18", header, err)
	}
}

func TestSealedFileKeepsProfiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder", "profiles.sealed")
	if _, err := openSealed(path, passphrase, cheapWork); err != nil {
		t.Fatal(err)
	}
	s, err := OpenSealed(path, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Where(); !strings.Contains(got, path) || !strings.Contains(got, "sealed") {
		t.Errorf("Where() = %q", got)
	}
	small, err := s.Save(t.Context(), some("small", "zamówienia 訂單", 0))
	if err != nil {
		t.Fatal(err)
	}
	big, err := s.Save(t.Context(), some("big", "big", 9000))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Probe(t.Context()), s.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the file is readable by others: %v, %v", info.Mode(), err)
	}
	text, err := os.ReadFile(path)
	for _, word := range []string{small.SignIn.Key.Reveal(), "contoso", "small", "index", passphrase.Reveal()} {
		if err != nil || strings.Contains(string(text), word) {
			t.Errorf("the file shows %q, %v", word, err)
		}
	}
	if s, err = OpenSealed(path, passphrase); err != nil {
		t.Fatal(err)
	}
	defer s.Close(context.WithoutCancel(t.Context()))
	entries, err := s.List(t.Context())
	if err != nil || len(entries) != 2 || plain(entries[0].Profile) != plain(big) || plain(entries[1].Profile) != plain(small) {
		t.Errorf("opened again: %v, %v", entries, err)
	}
	if err := s.Delete(t.Context(), "big"); err != nil {
		t.Error(err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range left {
		if strings.HasPrefix(f.Name(), ".") {
			t.Errorf("left behind: %s", f.Name())
		}
	}
}

func TestSealedFileThatDoesNotOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "profiles.sealed")
	sealedStore(t, path)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		text       string
		passphrase string
		want       error
	}{
		"wrong passphrase": {string(whole), "wrong", ErrPassphrase},
		"no passphrase":    {string(whole), "", ErrPassphrase},
		"empty":            {"", "correct horse battery staple", ErrDamaged},
		"cut short":        {string(whole[:len(whole)/2]), "correct horse battery staple", ErrDamaged},
		"another program":  {"<html>", "correct horse battery staple", ErrDamaged},
		"newer":            {`{"v":2,"cipher":"new"}`, "correct horse battery staple", ErrNewer},
		"key damaged":      {strings.Replace(string(whole), `"key":"`, `"key":"AAAA`, 1), "correct horse battery staple", ErrDamaged},
		"entries damaged":  {strings.Replace(string(whole), `"entries":"`, `"entries":"AAAA`, 1), "correct horse battery staple", ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "profiles.sealed")
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := OpenSealed(path, relayclient.NewSecret(tt.passphrase))
			if !errors.Is(err, tt.want) || s != nil {
				t.Errorf("OpenSealed = %v, %v; want %v", s, err, tt.want)
			}
			if after, err := os.ReadFile(path); err != nil || string(after) != tt.text {
				t.Errorf("the file was changed to %q, %v", after, err)
			}
		})
	}
}

func TestSealedFileThatCannotBeMade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if _, err := writeInOneStep(file, nil); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(file, "profiles.sealed"), t.TempDir()} {
		if _, err := openSealed(path, passphrase, cheapWork); !errors.Is(err, ErrFile) {
			t.Errorf("OpenSealed = %v, want ErrFile", err)
		}
	}
}

// Two copies with the same file see each other's changes and notice conflicts.
func TestSealedFileOfTwoCopies(t *testing.T) {
	path := filepath.Join(t.TempDir(), "profiles.sealed")
	ours, theirs := sealedStore(t, path), sealedStore(t, path)
	p, err := ours.Save(t.Context(), some("id", "first", 0))
	if err != nil {
		t.Fatal(err)
	}
	changed := listed(t, theirs)
	changed.Name = "theirs"
	if changed, err = theirs.Save(t.Context(), changed); err != nil {
		t.Fatal(err)
	}
	p.Name = "mine"
	if _, err := ours.Save(t.Context(), p); !errors.Is(err, ErrChanged) {
		t.Errorf("Save over theirs = %v, want ErrChanged", err)
	}
	if got := listed(t, ours); plain(got) != plain(changed) {
		t.Errorf("stored is %v, want theirs", got)
	}
}

// A file that goes away or changes its seal while it is in use is an error,
// and never an empty list.
func TestSealedFileThatGoesAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "profiles.sealed")
	s := sealedStore(t, path)
	if _, err := s.Save(t.Context(), some("id", "a", 0)); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path, path+".moved"); err != nil {
		t.Fatal(err)
	}
	if entries, err := s.List(t.Context()); !errors.Is(err, ErrFile) {
		t.Errorf("List = %v, %v; want ErrFile", entries, err)
	}
	if _, err := s.Save(t.Context(), some("other", "b", 0)); !errors.Is(err, ErrFile) {
		t.Errorf("Save = %v, want ErrFile", err)
	}
	if _, err := openSealed(path, relayclient.NewSecret("another"), cheapWork); err != nil {
		t.Fatal(err)
	}
	if _, err := s.List(t.Context()); !errors.Is(err, ErrPassphrase) {
		t.Errorf("List of another file = %v, want ErrPassphrase", err)
	}
	if err := os.Rename(path+".moved", path); err != nil {
		t.Fatal(err)
	}
	if got := listed(t, s); got.Name != "a" {
		t.Errorf("back again: %v", got)
	}
}

// A full disk or a folder without permission keeps the old file.
func TestSealedFileThatCannotBeWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "profiles.sealed")
	b, err := openSealed(path, passphrase, cheapWork)
	if err != nil {
		t.Fatal(err)
	}
	v := newVault(b, time.Now)
	if err := put(t, v, some("id", "a", 0)); err != nil {
		t.Fatal(err)
	}
	before := listing(t, v)
	b.path = filepath.Join(filepath.Dir(path), strings.Repeat("n", 250)) // fits, but not with a temporary name around it
	if err := os.Rename(path, b.path); err != nil {
		t.Fatal(err)
	}
	if err := put(t, v, some("other", "b", 0)); !errors.Is(err, ErrFile) {
		t.Errorf("Save = %v, want ErrFile", err)
	}
	if after := listing(t, v); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("stored is %v, want %v", after, before)
	}
}

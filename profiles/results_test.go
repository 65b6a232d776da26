package profiles

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
)

func at(seconds int) time.Time { return time.Unix(1e9+int64(seconds), 0).UTC() }

func TestLastResultIsKeptWithoutTouchingProfiles(t *testing.T) {
	m, ours, theirs := twoCopies(t)
	p, err := ours.Save(t.Context(), some("id", "a", 6000))
	if err != nil {
		t.Fatal(err)
	}
	before := fmt.Sprint(m.entries)
	want := Result{At: at(0), OK: true, Headline: "Everything works"}
	if err := ours.SetLastResult(t.Context(), p.ID, want); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(m.entries) != before {
		t.Error("the keyring was written to")
	}
	got := listed(t, theirs)
	if got.LastResult != want {
		t.Errorf("the other copy lists %+v, want %+v", got.LastResult, want)
	}
	got.Name = "renamed"
	if got, err = theirs.Save(t.Context(), got); err != nil || listed(t, ours).LastResult != want {
		t.Errorf("after a new name: %+v, %v; want the result kept", listed(t, ours).LastResult, err)
	}
	got.SignIn.Key = relayclient.NewSecret("another")
	if got, err = theirs.Save(t.Context(), got); err != nil || got.LastResult != (Result{}) || listed(t, ours).LastResult != (Result{}) {
		t.Errorf("after a new key: %+v, %v; want no result: nobody tested that key", listed(t, ours).LastResult, err)
	}
	if err := ours.SetLastResult(t.Context(), p.ID, want); err != nil {
		t.Fatal(err)
	}
	early := newVault(&crashing{m, 5, false}, time.Now)
	early.results.path = ours.vault.results.path
	got.Proxy = relayclient.NewSecret("http://other.example:3128")
	if _, err := early.save(t.Context(), got); !errors.Is(err, errCrash) {
		t.Fatalf("save that ends early = %v, want a crash", err)
	}
	if after := listed(t, ours); after.SameConnection(got) && after.LastResult != (Result{}) {
		t.Errorf("after a save that ended early: %v with %+v", after, after.LastResult)
	}
	if err := ours.SetLastResult(t.Context(), p.ID, want); err != nil {
		t.Fatal(err)
	}
	if err := ours.Delete(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(ours.vault.results.path)
	if err != nil || strings.Contains(string(text), "works") {
		t.Errorf("after Delete the file holds %s, %v", text, err)
	}
}

func TestLostResultsAreNoResults(t *testing.T) {
	for name, text := range map[string]string{"empty": "", "damaged": `{"v":1,"results":{"id":{"at":7`, "of another shape": `[1]`} {
		t.Run(name, func(t *testing.T) {
			_, s, _ := twoCopies(t)
			if _, err := s.Save(t.Context(), some("id", "a", 0)); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(s.vault.results.path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := listed(t, s).LastResult; got != (Result{}) {
				t.Errorf("result = %+v, want none", got)
			}
			want := Result{At: at(1), Headline: "The relay rejected the token"}
			if err := s.SetLastResult(t.Context(), "id", want); err != nil || listed(t, s).LastResult != want {
				t.Errorf("SetLastResult: %v, %+v", err, listed(t, s).LastResult)
			}
		})
	}
}

func TestResultsAreBounded(t *testing.T) {
	full := results{held: map[ID]Result{}}
	for n := range maxResults {
		full.held[ID(fmt.Sprint(n))] = Result{At: at(n), OK: true}
	}
	if err := full.set("new", Result{At: at(maxResults), Headline: strings.Repeat("ł\n\x1b", 500)}); err != nil {
		t.Fatal(err)
	}
	_, oldest := full.read()["0"]
	if got := full.read()["new"].Headline; len(full.read()) != maxResults || oldest || len([]rune(got)) > maxHeadline || strings.ContainsAny(got, "\n\x1b") {
		t.Errorf("%d results, the oldest among them: %v, headline %q", len(full.read()), oldest, got)
	}
}

func TestResultsInMemory(t *testing.T) {
	s := NewMemory()
	defer s.Close(t.Context())
	if _, err := s.Save(t.Context(), some("id", "a", 0)); err != nil {
		t.Fatal(err)
	}
	want := Result{At: at(0), OK: true, Headline: "fine"}
	if err := s.SetLastResult(t.Context(), "id", want); err != nil || listed(t, s).LastResult != want {
		t.Errorf("SetLastResult: %v, %+v", err, listed(t, s).LastResult)
	}
}

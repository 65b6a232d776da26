package profiles

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Results are not secret and change often, so that they live in a file beside
// the window's own, not in the keyring. A lost or damaged file means that
// nothing was tested yet, and nothing more.
type results struct {
	path string        // "": held, for this run only
	held map[ID]Result // used if there is no path
}

const resultsName = "results.json"

// What a file of results may hold; the oldest go first.
const (
	maxResults  = 2000
	maxHeadline = 200 // characters
)

type resultsFile struct {
	Version int                   `json:"v"`
	Results map[ID]storedLastTest `json:"results"`
}

type storedLastTest struct {
	At       time.Time `json:"at"`
	OK       bool      `json:"ok"`
	Headline string    `json:"headline,omitempty"`
}

// DataFolder returns where the program keeps what is not secret. It may not
// exist yet.
func DataFolder() (string, error) {
	config, err := os.UserConfigDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(config, "relayscope"), nil
}

// SetLastResult notes how the last connection test of a profile ended; List
// gives it back. It touches no stored profile. A profile that is saved with
// another connection has no result, so that a test before saving is noted
// after it.
func (s *Store) SetLastResult(ctx context.Context, id ID, r Result) error {
	_, err := call(ctx, s, "note test result", func(ctx context.Context) (struct{}, error) {
		if !id.valid() {
			return struct{}{}, ErrNotFound
		}
		release, err := s.vault.lock.hold(ctx)
		if err != nil {
			return struct{}{}, err
		}
		defer release()
		return struct{}{}, s.vault.results.set(id, r)
	})
	return err
}

// read returns every result there is.
func (r *results) read() map[ID]Result {
	if r.path == "" {
		return r.held
	}
	all := map[ID]Result{}
	text, err := os.ReadFile(r.path)
	if err != nil {
		return all
	}
	var file resultsFile
	if json.Unmarshal(text, &file) != nil {
		return all
	}
	for id, t := range file.Results {
		all[id] = Result(t)
	}
	return all
}

// set notes a result; the zero Result removes one.
func (r *results) set(id ID, result Result) error {
	result.At, result.Headline = result.At.UTC().Round(0), oneLine(result.Headline) // as a file gives it back
	all := r.read()
	if all[id] == result {
		return nil
	}
	if all == nil {
		all = map[ID]Result{}
	}
	if result == (Result{}) {
		delete(all, id)
	} else {
		all[id] = result
	}
	if len(all) > maxResults {
		oldest := slices.MinFunc(slices.Collect(maps.Keys(all)), func(a, b ID) int {
			return cmp.Or(all[a].At.Compare(all[b].At), cmp.Compare(a, b))
		})
		delete(all, oldest)
	}
	if r.path == "" {
		r.held = all
		return nil
	}
	file := resultsFile{1, map[ID]storedLastTest{}}
	for id, result := range all {
		file.Results[id] = storedLastTest(result)
	}
	return WriteFile(r.path, []byte(marshal(file)))
}

// oneLine makes text fit into a row of the list.
func oneLine(text string) string {
	text = strings.ToValidUTF8(strings.Join(strings.Fields(text), " "), "�")
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
	if utf8.RuneCountInString(text) > maxHeadline {
		text = string([]rune(text)[:maxHeadline-1]) + "…"
	}
	return text
}

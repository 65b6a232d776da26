package importing

import (
	"bytes"
	"errors"
	"strings"

	"relayscope/profiles"
	"relayscope/relayclient"
)

// readExport reads what Relayscope exported.
func readExport(text string, format Format, passphrase relayclient.Secret) (Result, error) {
	if format == SealedExport && passphrase.Empty() {
		return Result{}, &FileError{Format: format, Problem: "The file is sealed. Enter the passphrase that it was exported with.", Err: ErrSealed}
	}
	list, err := profiles.OpenExport([]byte(text), passphrase)
	e := &FileError{Format: format}
	switch {
	case err == nil:
	case errors.Is(err, profiles.ErrPassphrase):
		e.Problem, e.Err = "The passphrase does not open the file. Check the keyboard's layout and the case of letters.", profiles.ErrPassphrase
		return Result{}, e
	case errors.Is(err, profiles.ErrNewer):
		e.Problem, e.Err = "A newer version of Relayscope made the file. Update this one.", profiles.ErrNewer
		return Result{}, e
	default:
		e.Problem, e.Err = "The file is an export of Relayscope, but it is damaged or was edited. Export it again.", profiles.ErrDamaged
		return Result{}, e
	}
	r := Result{Format: format}
	for _, x := range list {
		f := Found{Profile: x.Profile, Needs: x.Missing, Line: lineOf(text, x.Profile.ID, format)}
		if len(x.Missing) > 0 {
			words := make([]string, len(x.Missing))
			for i, field := range x.Missing {
				words[i] = field.String()
			}
			f.Notes = append(f.Notes, "Left out when it was exported, to be entered here: "+strings.Join(words, ", ")+".")
		}
		f.Notes = append(f.Notes, detours(x.Profile)...)
		r.Found = append(r.Found, f) // without a limit: nothing of one's own is dropped
	}
	return r, nil
}

// ours reports whether content begins as Relayscope's exports do. One that
// was formatted anew is recognized later.
func ours(content []byte) bool {
	return profiles.SealedExport(content) || bytes.HasPrefix(content, []byte("{\n  \"format\": \"relayscope profiles\","))
}

// lineOf returns the line that has the profile's ID.
func lineOf(text string, id profiles.ID, format Format) int {
	at := strings.Index(text, `"id": "`+string(id)+`"`)
	if format != Export || at < 0 {
		return 0
	}
	line, _ := position(text, at)
	return line
}

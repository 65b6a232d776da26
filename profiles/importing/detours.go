package importing

import (
	"net/url"

	"relayscope/profiles"
	"relayscope/relayclient/cloud"
	"relayscope/relayclient/signin"
)

// detours says what of p leads elsewhere than Azure, and whom it trusts beside
// the system's authorities. Somebody else may have made the file, and what is
// entered later would go there.
func detours(p profiles.Profile) (notes []string) {
	ways := []signin.Settings{p.SignIn}
	if p.SendSignIn != nil {
		ways = append(ways, *p.SendSignIn)
	}
	for _, s := range ways {
		if s.Authority == "" || ofAzure(s.Authority) {
			continue
		}
		where := "an authority of its own"
		if u, err := url.Parse(s.Authority); err == nil && u.Host != "" {
			where = u.Hostname()
		}
		note := "It signs in at " + where + ", which is none of Azure's: a secret or code that is entered goes there."
		if len(notes) == 0 || notes[0] != note {
			notes = append(notes, note)
		}
	}
	if p.CACertificates != "" {
		notes = append(notes, "It trusts CA certificates of its own: whoever has their keys can read along.")
	}
	if u, err := url.Parse(p.Proxy.Reveal()); err == nil && u.Host != "" {
		notes = append(notes, "It connects through the proxy "+u.Host+".")
	}
	return notes
}

// ofAzure reports whether an authority is one of a cloud of Azure.
func ofAzure(authority string) bool {
	u, err := url.Parse(authority)
	if err != nil {
		return false
	}
	for _, c := range cloud.All() {
		if u.Scheme == "https" && c.Issues(u.Host) {
			return true
		}
	}
	return false
}

package importing

import (
	"net/url"
	"slices"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/signin"
)

// A Relation is how a found profile stands to those that are kept already.
type Relation int

// The relations. The zero Relation is not compared yet.
const (
	_       Relation = iota
	New              // none like it is kept
	Same             // one that says the same is kept: there is nothing to do
	Differs          // one with the same ID is kept, and says something else: copy or replace
)

var relationNames = [...]string{"not compared", "new", "kept already", "different from what is kept"}

// String returns the relation in a few words.
func (r Relation) String() string {
	if r < 0 || int(r) >= len(relationNames) {
		return "no relation"
	}
	return relationNames[r]
}

// A Choice is what can be done with one found profile.
type Choice struct {
	Found    Found
	Relation Relation
	Kept     profiles.Profile // what is kept already; the zero Profile if New
}

// Compare puts every found profile beside the kept one that it stands for: the
// one with its ID, or else one that connects to the same place in the same way.
// A secret that the file leaves out does not make a difference.
func Compare(found []Found, kept []profiles.Profile) []Choice {
	choices := make([]Choice, 0, len(found))
	for _, f := range found {
		c := Choice{Found: f, Relation: New}
		for _, k := range kept {
			filled := withKeptSecrets(f, k)
			if k.ID == f.Profile.ID {
				c.Kept, c.Relation = k, Differs
				if filled.SameConnection(k) && filled.Name == k.Name && filled.Group == k.Group {
					c.Relation = Same
				}
				break
			}
			if c.Relation == New && filled.SameConnection(k) {
				c.Kept, c.Relation = k, Same
			}
		}
		choices = append(choices, c)
	}
	return choices
}

// Copy returns the profile to save beside the kept one, or as a new one.
func (c Choice) Copy() profiles.Profile {
	p := c.Found.Profile
	if c.Relation == Differs || c.Relation == Same {
		p = p.Duplicate(p.Name)
	}
	return p
}

// Replace returns the profile to save in place of the kept one, whose secrets
// it takes where the file leaves them out and everything else about signing in
// is the same: a secret never moves to another place.
func (c Choice) Replace() profiles.Profile {
	p := withKeptSecrets(c.Found, c.Kept)
	p.ID, p.Order, p.Revision, p.LastResult = c.Kept.ID, c.Kept.Order, c.Kept.Revision, profiles.Result{}
	return p
}

// withKeptSecrets fills what the file left out from k, unless that would take
// it to another namespace, authority, proxy or identity.
func withKeptSecrets(f Found, k profiles.Profile) profiles.Profile {
	p := f.Profile
	proxy := p.Proxy
	if slices.Contains(f.Needs, profiles.FieldProxy) && !k.Proxy.Empty() && withoutUser(k.Proxy.Reveal()) == p.Proxy.Reveal() {
		proxy = k.Proxy
	}
	if p.Namespace != k.Namespace || p.HybridConnection != k.HybridConnection || p.CACertificates != k.CACertificates || proxy.Reveal() != k.Proxy.Reveal() {
		return p
	}
	p.Proxy = proxy
	p.SignIn = filled(p.SignIn, k.SignIn, f.Needs, func(x profiles.Field) profiles.Field { return x })
	if p.SendSignIn != nil && k.SendSignIn != nil {
		send := filled(*p.SendSignIn, *k.SendSignIn, f.Needs, profiles.Field.Sender)
		p.SendSignIn = &send
	}
	return p
}

func withoutUser(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	u.User = nil
	return u.String()
}

func filled(s, kept signin.Settings, missing []profiles.Field, as func(profiles.Field) profiles.Field) signin.Settings {
	without := func(s signin.Settings) signin.Settings {
		s.Key, s.Token, s.Secret, s.Certificate = relayclient.Secret{}, relayclient.Secret{}, relayclient.Secret{}, relayclient.Secret{}
		return s
	}
	if without(s) != without(kept) {
		return s
	}
	for _, x := range []struct {
		field    profiles.Field
		to, from *relayclient.Secret
	}{
		{profiles.FieldKey, &s.Key, &kept.Key}, {profiles.FieldToken, &s.Token, &kept.Token},
		{profiles.FieldSecret, &s.Secret, &kept.Secret}, {profiles.FieldCertificate, &s.Certificate, &kept.Certificate},
	} {
		if x.to.Empty() && slices.Contains(missing, as(x.field)) {
			*x.to = *x.from
		}
	}
	return s
}

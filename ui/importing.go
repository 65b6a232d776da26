package ui

import (
	"errors"
	"slices"

	"relayscope/profiles"
	"relayscope/profiles/importing"
	"relayscope/relayclient"
	"relayscope/relayclient/signin"
	"relayscope/ui/widgets"
)

// importAny lets the person choose a file of another tool or an export, shows
// what is in it, and stores what they pick.
func (u *Window) importAny() {
	if u.ready && !u.ending {
		u.pickNamed("Import profiles from", nil, importing.MaxFile, func(name string, data []byte) { u.readImport(name, data, relayclient.Secret{}, nil) })
	}
}

// readImport reads a file; a sealed one asks for its passphrase first.
func (u *Window) readImport(name string, data []byte, passphrase relayclient.Secret, asking *passphraseDialog) {
	u.keeper.readFile(name, data, passphrase, func(r importing.Result, err error) {
		switch {
		case errors.Is(err, importing.ErrSealed):
			u.askPassphrase("Import from "+name, "The file is sealed. Type the passphrase that it was exported with.", "Open", false,
				func(p *passphraseDialog, s relayclient.Secret) { u.readImport(name, data, s, p) })
		case err != nil && asking != nil:
			asking.fail(problemOf(err))
		case err != nil:
			u.explain(widgets.Failure{
				Title: "Nothing was imported from “" + name + "”", Cause: problemOf(err),
				Next: "Choose another file, or paste a connection string as a new profile.", Raw: err.Error(),
			}, u.copyText)
		default:
			if asking != nil {
				asking.close()
			}
			u.showImport(name, r)
		}
	})
}

// problemOf returns what a file's error says to people, and where.
func problemOf(err error) string {
	var file *importing.FileError
	if !errors.As(err, &file) {
		return err.Error()
	}
	return lineWords(file.Line) + file.Problem
}

// placeOf finds out how a profile from a file relates to those that there are.
// What is here already is not replaced: it is not taken again, or stands
// beside what came.
func (u *Window) placeOf(p profiles.Profile) (as profiles.Profile, known string) {
	same := slices.IndexFunc(u.entries, func(e profiles.Entry) bool { return e.Fault == nil && e.Profile.SameConnection(p) })
	if same >= 0 {
		known = "You have this already: “" + u.entries[same].Profile.Name + "”."
	}
	if e, ok := u.entry(p.ID); ok {
		if withoutSecrets(e.Profile).SameConnection(withoutSecrets(p)) {
			known = "You have this already: “" + e.Profile.Name + "”."
		}
		p = p.Duplicate(p.Name)
		if known == "" {
			known = "It was exported from “" + e.Profile.Name + "”, which stays as it is: this one stands beside it."
		}
	}
	p.Revision, p.LastResult = "", profiles.Result{}
	return p, known
}

// withoutSecrets returns what an export without secrets keeps of a way to sign
// in.
func withoutSecrets(p profiles.Profile) profiles.Profile {
	empty := func(s *signin.Settings) {
		s.Key, s.Token, s.Secret, s.Certificate = relayclient.Secret{}, relayclient.Secret{}, relayclient.Secret{}, relayclient.Secret{}
	}
	empty(&p.SignIn)
	if p.SendSignIn != nil {
		send := *p.SendSignIn
		empty(&send)
		p.SendSignIn = &send
	}
	p.Proxy = relayclient.Secret{} // of which it keeps the host alone
	return p
}

// takeImport stores the complete ones, and has the others completed one after
// another.
func (u *Window) takeImport(list []profiles.Profile) {
	var whole, rest []profiles.Profile
	for _, p := range list {
		if p.Validate() == nil {
			whole = append(whole, p)
		} else {
			rest = append(rest, p)
		}
	}
	u.keeper.saveNew(whole, func(entries []profiles.Entry, err error) {
		if entries != nil {
			u.list(entries)
		}
		if err != nil {
			u.explain(storeFailure(err), u.copyText)
			return
		}
		u.completing = rest
		switch {
		case len(rest) > 0:
			u.completeNext()
		case len(whole) > 0:
			u.choose(whole[0].ID)
		}
	})
}

// completeNext opens the form with the next profile that lacks something.
func (u *Window) completeNext() bool {
	if len(u.completing) == 0 {
		return false
	}
	p, rest := u.completing[0], u.completing[1:]
	title := "Complete “" + p.Name + "”"
	if n := len(rest); n > 0 {
		title += ", then " + countOf(n, "more profile")
	}
	u.startFormThen(title, p, func() {
		u.completing = rest
		u.form.shown = profiles.Profile{} // it is not stored anywhere
		u.form.complain(p.Validate())
	})
	return true
}

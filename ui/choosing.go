package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"relayscope/profiles"
	"relayscope/relayclient/signin"
	"relayscope/ui/live"
	"relayscope/ui/widgets"
)

// profilesRead takes the answer to the first reading of the profiles.
func (u *Window) profilesRead(entries []profiles.Entry, err error) {
	if err != nil {
		u.log.Warn("keyring not used", "err", err)
	}
	u.ready = true
	u.sidebar.enable()
	u.list(entries)
	keeping := strings.Replace(keptIn(u.keeper.store.Where()), "Kept", "Profiles are kept", 1)
	if failure, without := u.keeper.notice(); without {
		keeping = failure.Title + ". Profiles are kept for this run only."
		u.sidebar.warn(keeping, failure, true)
	}
	u.welcome.keeping.SetText(keeping)
	widgets.SetVisible(u.welcome.keeping, !u.sidebar.warning.Visible())
	if len(entries) == 0 {
		u.showOnly(u.welcome.content)
	} else {
		page := u.kept.String(keyPage)
		u.choose(u.firstProfile())
		u.pager.show(page)
	}
	u.offerSealed()
	if u.onReady != nil {
		u.onReady()
	}
}

// list shows what the store holds.
func (u *Window) list(entries []profiles.Entry) {
	u.entries = entries
	if u.style.presenting {
		u.applyLook() // there may be more to hide
	}
	u.sidebar.show(entries, u.current)
}

func (u *Window) entry(id profiles.ID) (profiles.Entry, bool) {
	i := slices.IndexFunc(u.entries, func(e profiles.Entry) bool { return e.ID == id })
	if i < 0 {
		return profiles.Entry{}, false
	}
	return u.entries[i], true
}

// choose shows a profile. What was typed into the form is not thrown away
// without asking.
func (u *Window) choose(id profiles.ID) {
	if u.form.content.Visible() && u.form.changed() {
		u.sidebar.mark(u.current)
		u.confirm("Leave the form?", "What you typed is not saved yet.", "Discard", func() { u.open(id) })
		return
	}
	u.open(id)
}

// open shows a profile's live page, or what is wrong with it.
func (u *Window) open(id profiles.ID) {
	e, ok := u.entry(id)
	if !ok {
		return
	}
	u.current, u.completing = id, nil
	u.sidebar.mark(id)
	if e.Fault != nil {
		u.fault.set(e.Fault)
		u.showOnly(u.fault.content)
		return
	}
	u.present(e.Profile)
}

// present shows the live page of p.
func (u *Window) present(p profiles.Profile) *live.Session {
	u.current = p.ID
	s, ok := u.sessions[p.ID]
	if !ok {
		s = live.NewSession(u.life, p, u.host.connectable)
		u.sessions[p.ID] = s
	}
	u.page.Show(s)
	u.test.Show(p)
	u.tokens.Show(p)
	u.refreshFrame()
	u.showOnly(u.live)
	u.rememberPlace()
	return s
}

// refreshFrame brings the connect bar and the list's states up to date.
func (u *Window) refreshFrame() {
	if s := u.sessions[u.current]; s != nil {
		u.bar.refresh(s, u.host.namespace(), u.host.identities.whom(u.current))
	}
	u.sidebar.refresh()
	u.sidebar.showRunning(u.runningText())
}

// groups returns the headings that profiles stand under, in order.
func (u *Window) groups() []string {
	var list []string
	for _, e := range u.entries {
		if g := e.Profile.Group; e.Fault == nil && g != "" && !slices.ContainsFunc(list, func(known string) bool { return strings.EqualFold(known, g) }) {
			list = append(list, g)
		}
	}
	return list
}

// stateOf says in a few words where a profile's session stands.
func (u *Window) stateOf(id profiles.ID) (widgets.StatusKind, string) {
	if s := u.sessions[id]; s != nil {
		return live.StateOf(s)
	}
	return widgets.StatusIdle, ""
}

// connect shows a profile and starts what it is for, unless it runs already.
func (u *Window) connect(id profiles.ID) {
	u.choose(id)
	if s := u.sessions[id]; u.current == id && u.live.Visible() && s != nil && !s.Running() {
		u.startOrStop()
	}
}

func (u *Window) startOrStop() {
	s := u.sessions[u.current]
	switch {
	case s == nil, u.ending, s.Stopping():
	case s.Stale():
		s.Restart()
	case s.Running():
		s.StopAll()
	default:
		u.pager.show(pageLive)
		s.StartBoth()
		u.focus(u.page.First())
	}
}

// TryLocalRelay shows the profile on the local relay, which it makes the first
// time, and starts both of its sides: the person can send at once.
func (u *Window) TryLocalRelay() {
	if !u.ready || u.ending {
		return
	}
	p := demoProfile()
	known := slices.IndexFunc(u.entries, func(e profiles.Entry) bool { return e.Fault == nil && e.Profile.LocalRelay })
	if known >= 0 {
		p = u.entries[known].Profile
	} else {
		u.entries = append(u.entries, profiles.Entry{ID: p.ID, Profile: p})
		u.list(u.entries)
		u.keeper.save(p, u.stored)
	}
	s := u.present(p)
	u.sidebar.mark(p.ID)
	u.pager.show(pageLive)
	if !s.Running() {
		s.StartBoth()
	}
	u.focus(u.page.First())
}

// stored takes the answer to a change made without the form.
func (u *Window) stored(entries []profiles.Entry, err error) {
	if err != nil {
		f := storeFailure(err)
		u.sidebar.warn("The profile works, but could not be stored: it is gone when Relayscope ends.", f, true)
		return
	}
	u.list(entries)
}

func (u *Window) pasteNew() {
	u.startForm("New profile", newProfile())
	u.focus(u.form.paste)
}

func (u *Window) fillNew() {
	u.startForm("New profile", newProfile())
	u.focus(u.form.fields[profiles.FieldName].entry)
}

func (u *Window) editCurrent() { u.edit(u.current) }

func (u *Window) edit(id profiles.ID) {
	if e, ok := u.entry(id); ok && e.Fault == nil {
		u.startForm("Edit "+e.Profile.Name, e.Profile)
	}
}

func (u *Window) duplicate(id profiles.ID) {
	if e, ok := u.entry(id); ok && e.Fault == nil {
		u.startForm("Duplicate of "+e.Profile.Name, e.Profile.Duplicate(u.freeName(e.Profile.Name)))
	}
}

// freeName returns "name copy", "name copy 2" and so on, whichever is free.
func (u *Window) freeName(name string) string {
	taken := func(n string) bool {
		return slices.ContainsFunc(u.entries, func(e profiles.Entry) bool { return e.Fault == nil && e.Profile.Name == n })
	}
	free := name + " copy"
	for i := 2; taken(free); i++ {
		free = fmt.Sprintf("%s copy %d", name, i)
	}
	return free
}

func (u *Window) startForm(title string, p profiles.Profile) {
	u.startFormThen(title, p, func() { u.completing = nil })
}

// startFormThen calls then once the form is there, which a person may have to
// agree to.
func (u *Window) startFormThen(title string, p profiles.Profile, then func()) {
	if !u.ready || u.ending {
		return
	}
	begin := func() {
		u.form.edit(title, p, u.keeper.store.Where())
		u.showOnly(u.form.content)
		then()
	}
	if u.form.content.Visible() && u.form.changed() {
		u.confirm("Leave the form?", "What you typed is not saved yet.", "Discard", begin)
		return
	}
	begin()
}

func (u *Window) cancelForm() {
	u.form.saved() // nothing of it is wanted
	if u.completeNext() {
		return
	}
	if _, ok := u.entry(u.current); ok {
		u.open(u.current)
	} else {
		u.showOnly(u.welcome.content)
	}
}

// save stores what the form holds; the form stays until that has worked.
func (u *Window) save(p profiles.Profile) {
	asked := u.form.opening
	u.keeper.save(p, func(entries []profiles.Entry, err error) {
		still := asked == u.form.opening && u.form.content.Visible()
		var conflict *profiles.ChangedError
		switch {
		case errors.As(err, &conflict) && still:
			u.form.waiting()
			u.askWhose(p, conflict)
			return
		case err != nil && still:
			u.form.failed(err)
			return
		case err != nil:
			u.sidebar.warn("The profile “"+p.Name+"” could not be stored.", storeFailure(err), true)
			return
		}
		if s := u.sessions[p.ID]; s != nil {
			s.SetProfile(p)
		}
		u.list(entries)
		u.noteEarly(p)
		if still {
			u.form.saved()
			if !u.completeNext() {
				u.open(p.ID)
			}
		}
	})
}

func (u *Window) askDelete(id profiles.ID) {
	e, ok := u.entry(id)
	if !ok {
		return
	}
	name := "“" + e.Profile.Name + "”"
	if e.Fault != nil {
		name = "this unreadable profile"
	}
	question := "Its key is removed from this computer, too. This cannot be undone."
	if s := u.sessions[id]; s != nil && s.Running() {
		question = "It is running and will be stopped. " + question
	}
	u.confirm("Delete "+name+"?", question, "Delete", func() { u.remove(id) })
}

func (u *Window) remove(id profiles.ID) {
	e, _ := u.entry(id)
	u.keeper.remove(id, func(entries []profiles.Entry, err error) {
		if err != nil {
			u.sidebar.warn("The profile could not be deleted.", storeFailure(err), true)
			return
		}
		u.list(entries)
		u.forget(id)
		u.page.Forget(id, e.Profile.Name)
	})
}

// forget takes leave of a profile that is no longer stored.
func (u *Window) forget(id profiles.ID) {
	u.host.identities.forget(id)
	if s := u.sessions[id]; s != nil {
		delete(u.sessions, id)
		u.background(func(ctx context.Context) {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closePatience)
			defer cancel()
			if err := s.Close(ctx); err != nil {
				u.log.Warn("connections of a deleted profile dropped", "err", err)
			}
		})
	}
	if id != u.current {
		return
	}
	u.current = ""
	if len(u.entries) > 0 {
		u.open(u.entries[0].ID)
	} else {
		u.showOnly(u.welcome.content)
	}
}

// newProfile returns an empty profile that will sign in with a key.
func newProfile() profiles.Profile {
	return profiles.Profile{ID: profiles.NewID(), SignIn: signin.Settings{Way: signin.SharedAccessKey}}
}

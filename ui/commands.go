package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"relayscope/profiles"
	"relayscope/ui/command"
)

// The headings of the map of keys.
const (
	groupProfiles   = "Profiles"
	groupConnection = "Connection"
	groupWindow     = "Window"
	groupList       = "In the list of profiles"
)

// commands is everything that can be done in the window. The pages bring
// theirs.
func (u *Window) commands() []command.Command {
	list := []command.Command{
		{Name: "New profile", Group: groupProfiles, Keys: []command.Key{command.Ctrl(fyne.KeyN)}, Why: u.whyNotReady, Do: u.fillNew},
		{Name: "New profile from a connection string", Group: groupProfiles, Keys: []command.Key{command.CtrlShift(fyne.KeyV)}, Why: u.whyNotReady, Do: u.pasteNew},
		{Name: "Edit the profile", Group: groupProfiles, Keys: []command.Key{command.Plain(fyne.KeyF2)}, Why: u.whyNoProfile, Do: u.editCurrent},
		{Name: "Duplicate the profile", Group: groupProfiles, Why: u.whyNoProfile, Do: func() { u.duplicate(u.current) }},
		{Name: "Export the profile…", Group: groupProfiles, Why: u.whyNoProfile, Do: func() { u.exportOne(u.current) }},
		{Name: "Export all profiles…", Group: groupProfiles, Why: u.whyNothingStored, Do: u.exportAll},
		{Name: "Import profiles…", Group: groupProfiles, Why: u.whyNotReady, Do: u.importAny},
		{Name: "Delete the profile…", Group: groupProfiles, Why: u.whyNoProfile, Do: func() { u.askDelete(u.current) }},
		{Name: "Find a profile", Group: groupProfiles, Keys: []command.Key{command.CtrlShift(fyne.KeyF)}, Why: u.whyNotReady, Do: u.findProfile},

		{Name: "Start, stop, or test again", Group: groupConnection, Keys: []command.Key{command.Plain(fyne.KeyF5), command.Ctrl(fyne.KeyR)}, Why: u.whyNoProfile, Do: u.rerun},
		{Name: "Stop everything that runs", Group: groupConnection, Keys: []command.Key{command.CtrlShift(fyne.KeyX)}, Why: u.whyNothingRuns, Do: u.stopEverything},
		{Name: "Test the connection", Group: groupConnection, Keys: []command.Key{command.Ctrl(fyne.KeyD)}, Why: u.whyNoProfile, Do: u.testCurrent},
		{Name: "Try the local relay", Group: groupConnection, Why: u.whyNotReady, Do: u.TryLocalRelay},
		{Name: "Copy the address", Group: groupConnection, Why: u.whyNoProfile, Do: func() { u.bar.copyIt.OnTapped() }},

		{Name: "Command palette", Group: groupWindow, Keys: []command.Key{command.Ctrl(fyne.KeyK)}, Do: u.openPalette},
		{Name: "All keys", Group: groupWindow, Keys: []command.Key{command.Plain(fyne.KeyF1), command.Typed('?'), command.Ctrl(fyne.KeySlash)}, Do: u.showKeys},
		{Name: "Close what is open, or leave the form", Group: groupWindow, Keys: []command.Key{command.Plain(fyne.KeyEscape)}, Over: true, Do: u.escape},
		{Name: "Full screen", Group: groupWindow, Keys: []command.Key{command.Plain(fyne.KeyF11)}, Over: true, Do: func() { u.win.SetFullScreen(!u.win.FullScreen()) }},
		{Name: "Quit", Group: groupWindow, Keys: []command.Key{command.Ctrl(fyne.KeyQ)}, Over: true, Do: u.Close},
		{Name: "Go to the next part", Group: groupWindow, Keys: []command.Key{command.Plain(fyne.KeyTab)}},
		{Name: "Go to the part before", Group: groupWindow, Keys: []command.Key{command.Shift(fyne.KeyTab)}},
		{Name: "Press the button that has the keyboard", Group: groupWindow, Keys: []command.Key{command.Plain(fyne.KeySpace)}},

		{Name: "Go through profiles and groups", Group: groupList, Keys: []command.Key{command.Plain(fyne.KeyUp), command.Plain(fyne.KeyDown), command.Plain(fyne.KeyHome), command.Plain(fyne.KeyEnd)}},
		{Name: "Start it, or fold the group", Group: groupList, Keys: []command.Key{command.Plain(fyne.KeyReturn)}},
		{Name: "Fold and unfold a group", Group: groupList, Keys: []command.Key{command.Plain(fyne.KeyLeft), command.Plain(fyne.KeyRight)}},
		{Name: "Delete it", Group: groupList, Keys: []command.Key{command.Plain(fyne.KeyDelete)}},
		{Name: "Move it", Group: groupList, Keys: []command.Key{command.Alt(fyne.KeyUp), command.Alt(fyne.KeyDown)}},
		{Name: "Open its menu", Group: groupList, Keys: []command.Key{command.Plain(desktop.KeyMenu)}},
	}
	list = append(list, u.pager.commands(u.whyNoProfile)...)
	list = append(list, u.viewCommands()...)
	for _, c := range u.page.Commands() { // they need the page on screen
		if c.Do != nil {
			why, do := c.Why, c.Do
			c.Why = func() string {
				if no := u.whyNoProfile(); no != "" || why == nil {
					return no
				}
				return why()
			}
			c.Do = func() {
				u.pager.show(pageLive)
				do()
			}
		}
		list = append(list, c)
	}
	return list
}

// run does what a key or the palette asks for, if it can be done now.
func (u *Window) run(c command.Command) {
	covered := u.win.Canvas().Overlays().Top() != nil
	if u.ending || covered && !c.Over || c.Off() != "" {
		return
	}
	c.Do()
}

func (u *Window) whyNotReady() string {
	if !u.ready {
		return "The profiles are still being read."
	}
	return ""
}

func (u *Window) whyNoProfile() string {
	switch {
	case u.form.content.Visible():
		return "The form is open: save or cancel it first."
	case !u.live.Visible():
		return "There is no profile on screen."
	}
	return ""
}

func (u *Window) whyNothingStored() string {
	for _, e := range u.entries {
		if e.Fault == nil {
			return ""
		}
	}
	return "There are no profiles yet."
}

// rerun does again what the page on screen is for.
func (u *Window) rerun() {
	if u.pager.shows(pageTest) {
		u.test.Run()
		return
	}
	u.startOrStop()
}

// findProfile puts the cursor into the filter of the list.
func (u *Window) findProfile() { u.focus(u.sidebar.filter) }

// escape closes what lies over the window, or leaves what is begun.
func (u *Window) escape() {
	c := u.win.Canvas()
	switch {
	case c.Overlays().Top() != nil:
		u.dismissTop()
	case u.sidebar.filter.Text != "" && u.sidebar.hasFocus(c):
		u.sidebar.filter.SetText("")
	case u.form.content.Visible() && u.form.changed(): // the key is soon hit
		u.confirm("Leave the form?", "What you typed is not saved yet.", "Discard", u.cancelForm)
	case u.form.content.Visible():
		u.cancelForm()
	}
}

// goTo shows a profile, as the palette does.
func (u *Window) goTo(id profiles.ID) {
	if e, ok := u.entry(id); ok {
		u.sidebar.unfoldFor(e)
		u.choose(id)
	}
}

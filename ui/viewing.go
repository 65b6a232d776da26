package ui

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/ui/command"
	"relayscope/ui/live"
	"relayscope/ui/widgets"
)

// groupView is a heading of the map of keys.
const groupView = "View"

// viewCommands change how the window looks.
func (u *Window) viewCommands() []command.Command {
	list := []command.Command{
		{Name: "Larger", Group: groupView, Keys: []command.Key{command.Ctrl(fyne.KeyEqual), command.Ctrl(fyne.KeyPlus), command.CtrlShift(fyne.KeyEqual)}, Over: true, Why: u.whyLargest, Do: func() { u.zoomBy(1) }},
		{Name: "Smaller", Group: groupView, Keys: []command.Key{command.Ctrl(fyne.KeyMinus)}, Over: true, Why: u.whySmallest, Do: func() { u.zoomBy(-1) }},
		{Name: "Ordinary size", Group: groupView, Keys: []command.Key{command.Ctrl(fyne.Key0)}, Over: true, Do: func() { u.setZoom(100) }},
		{Name: "Presentation mode", Group: groupView, Keys: []command.Key{command.Plain(fyne.KeyF9), command.CtrlShift(fyne.KeyP)}, Over: true, Do: u.togglePresenting},
		{Name: "Fold the list of profiles, or show it", Group: groupView, Keys: []command.Key{command.Ctrl(fyne.KeyB)}, Do: u.toggleSidebar},
		{Name: "Next arrangement of listener and sender", Group: groupView, Keys: []command.Key{command.Plain(fyne.KeyF8)}, Why: u.whyNoProfile, Do: func() {
			u.pager.show(pageLive)
			u.arrange((u.page.Arrangement() + 1) % live.Arrangements)
		}},
		{Name: "Settings", Group: groupWindow, Keys: []command.Key{command.Ctrl(fyne.KeyComma)}, Do: u.showSettings},
	}
	for a := range live.Arrangements {
		list = append(list, command.Command{Name: "Panes: " + a.String(), Group: groupView, Why: u.whyNoProfile, Do: func() {
			u.pager.show(pageLive)
			u.arrange(a)
		}})
	}
	for c, name := range themeNames {
		list = append(list, command.Command{Name: "Theme: " + strings.ToLower(name), Group: groupView, Do: func() { u.setTheme(themeChoice(c)) }})
	}
	return list
}

// viewMenu offers with the mouse what changes how the window looks.
func (u *Window) viewMenu() *fyne.Menu {
	menu := fyne.NewMenu("")
	for _, c := range u.table {
		if c.Group != groupView && c.Name != "Settings" && c.Name != "All keys" && c.Name != "Command palette" || strings.HasPrefix(c.Name, "Theme: ") || strings.HasPrefix(c.Name, "Next ") {
			continue
		}
		item := fyne.NewMenuItem(c.Name, func() { u.run(c) })
		item.Disabled = c.Off() != ""
		item.Checked = c.Name == "Panes: "+u.page.Arrangement().String() || u.style.presenting && c.Name == "Presentation mode"
		if len(c.Keys) > 0 {
			item.Label += "  (" + c.Keys[0].String() + ")"
		}
		menu.Items = append(menu.Items, item)
	}
	return menu
}

// applyLook draws everything anew.
func (u *Window) applyLook() {
	u.chosen = u.chosenSize()
	u.settling++
	u.style.hidden = u.hiddenNames()
	u.app.Settings().SetTheme(u.style)
	u.form.veil(u.style.presenting)
	u.makeRoom()
	if u.settings != nil {
		u.settings.fit(u.win.Canvas().Size())
	}
	u.redraw()
	u.onMain(u.regainSize) // when all has the new look
}

// chosenSize is the size that the person gave the window, which is smaller than
// it is while a larger look needs more.
func (u *Window) chosenSize() fyne.Size {
	size := u.win.Canvas().Size()
	over := size.Subtract(u.grown)
	if u.settling > 0 || max(over.Width, -over.Width, over.Height, -over.Height) <= 1 {
		return u.chosen
	}
	return size
}

// regainSize takes back what a larger look had to add to the window.
func (u *Window) regainSize() {
	if u.settling--; u.settling > 0 || u.win.FullScreen() {
		return
	}
	u.makeRoom()
	least := u.win.Content().MinSize()
	if u.win.Padded() {
		least = least.AddWidthHeight(2*theme.Padding(), 2*theme.Padding())
	}
	if u.grown = u.chosen.Max(least); u.win.Canvas().Size() != u.grown {
		u.win.Resize(u.grown)
	}
}

// makeRoom brings list and panes to where they are wanted, unless the window
// would grow beyond the size it has: then the list is folded away, and panes
// that are stacked beside the log go side by side above it.
func (u *Window) makeRoom() {
	u.setFolded(u.kept.Bool(keyFolded))
	u.page.Arrange(u.kept.arrangement())
	room := u.chosenSize().Width
	tight := func() bool { return u.win.Content().MinSize().Width > room }
	if tight() {
		u.setFolded(true)
	}
	if u.page.Arrangement() == live.Stacked && tight() {
		u.page.Arrange(live.SideBySide)
	}
}

// redraw writes every text on screen anew, which the theme has a say in.
func (u *Window) redraw() {
	u.sidebar.apply()
	u.page.Refresh()
	u.refreshFrame()
	u.showPage()
	u.tokens.Redraw()
}

func (u *Window) setTheme(c themeChoice) {
	u.style.choice = c
	u.kept.SetInt(keyTheme, int(c))
	u.applyLook()
}

// setZoom makes everything a number of per cent as large as usual.
func (u *Window) setZoom(percent int) {
	u.style.zoom = float32(percent) / 100
	u.kept.SetInt(keyZoom, percent)
	u.applyLook()
}

func (u *Window) zoomBy(steps int) {
	i := slices.Index(zooms, u.kept.zoom()) + steps
	u.setZoom(zooms[max(0, min(i, len(zooms)-1))])
}

func (u *Window) whyLargest() string {
	if most := zooms[len(zooms)-1]; u.kept.zoom() == most {
		return strconv.Itoa(most) + " % is the largest."
	}
	return ""
}

func (u *Window) whySmallest() string {
	if u.kept.zoom() == zooms[0] {
		return strconv.Itoa(zooms[0]) + " % is the smallest."
	}
	return ""
}

// togglePresenting makes type larger and takes names off the screen. It is
// not remembered: whoever starts the program sees what is there.
func (u *Window) togglePresenting() {
	u.style.presenting = !u.style.presenting
	u.applyLook()
}

// hiddenNames are the namespaces and tenants of all profiles, and the people
// who have signed in.
func (u *Window) hiddenNames() *widgets.Hidden {
	var names []string
	for _, e := range u.entries {
		p := e.Profile
		names = append(names, hostNames(p.Namespace)...)
		for _, role := range []relayclient.Role{relayclient.Listening, relayclient.Sending} {
			s := p.SignInFor(role)
			names = append(names, hostNames(s.Tenant)...)
		}
		names = append(names, whoNames(u.host.identities.whom(e.ID))...)
	}
	return widgets.Hide(names...)
}

// hostNames are the parts of a host or tenant that say whose it is: the
// first label, or all of it if it is an address or has one label only.
func hostNames(host string) []string {
	host, _, _ = strings.Cut(host, ":")
	if _, err := netip.ParseAddr(host); err == nil {
		return []string{host}
	}
	label, _, _ := strings.Cut(host, ".")
	if strings.EqualFold(label, "localhost") || strings.EqualFold(label, "common") || strings.EqualFold(label, "organizations") {
		return nil
	}
	return []string{host, label}
}

// whoNames are the words in the name of an identity that are addresses or
// identifiers.
func whoNames(who string) (names []string) {
	for _, word := range strings.Fields(who) {
		word = strings.Trim(word, "(),;")
		if user, domain, ok := strings.Cut(word, "@"); ok {
			names = append(append(names, word, user), hostNames(domain)...)
		}
	}
	return names
}

// foldSidebar hides the list of profiles, or shows it.
func (u *Window) foldSidebar(on bool) {
	u.setFolded(on)
	u.kept.SetBool(keyFolded, on)
}

func (u *Window) setFolded(on bool) {
	if u.sidebar.content.Visible() != on {
		return
	}
	widgets.SetVisible(u.sidebar.content, !on)
	widgets.SetVisible(u.unfold, on)
	u.split.Refresh()
	u.win.Content().Refresh()
}

func (u *Window) toggleSidebar() { u.foldSidebar(u.sidebar.content.Visible()) }

// arrange places listener and sender.
func (u *Window) arrange(a live.Arrangement) {
	u.kept.SetInt(keyArranged, int(a))
	u.makeRoom()
}

// recall brings the window to where it was when it was closed last.
func (u *Window) recall() {
	u.win.Resize(u.kept.windowSize())
	u.split.SetOffset(u.kept.offset(keySidebar, usualSidebar))
	u.page.Arrange(u.kept.arrangement())
	u.usual = u.page.Offsets()
	for name, at := range u.usual {
		u.page.SetOffset(name, u.kept.offset(keyOffsets+name, at))
	}
	u.foldSidebar(u.kept.Bool(keyFolded))
}

// remember notes what a person moves with the mouse, of which nobody tells.
func (u *Window) remember() {
	if size := u.chosenSize(); !u.win.FullScreen() && size.Width >= leastWidth && size.Height >= leastHeight {
		u.kept.setWindowSize(size)
	}
	if u.sidebar.content.Visible() {
		u.kept.setFloat(keySidebar, u.split.Offset, usualSidebar)
	}
	for name, at := range u.page.Offsets() {
		u.kept.setFloat(keyOffsets+name, at, u.usual[name])
	}
}

// rememberPlace notes which profile and page are on screen.
func (u *Window) rememberPlace() {
	u.kept.setString(keyProfile, string(u.current))
	u.kept.setString(keyPage, u.pager.name())
}

// firstProfile is the one to begin with: the one of last time.
func (u *Window) firstProfile() profiles.ID {
	if last := u.kept.profile(); last != "" {
		if _, ok := u.entry(last); ok {
			return last
		}
	}
	return u.entries[0].ID
}

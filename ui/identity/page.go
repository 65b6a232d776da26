// Package identity is the page that says what is in a token and whether it
// fits: a token of the profile's listener or sender, or one that was pasted.
package identity

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/token"
	"relayscope/ui/widgets"
)

// Options are what a Page needs from its window.
type Options struct {
	Do   func(func())                    // runs a function on the main goroutine without waiting
	Work func(func(ctx context.Context)) // runs a function beside the main goroutine, until ctx ends
	Copy func(text string)               // puts a text on the clipboard

	// Get returns a token for a role of a profile, and for whom it is, in
	// words. Without a token to send, its Value is empty. It is called beside
	// the main goroutine.
	Get func(ctx context.Context, p profiles.Profile, role relayclient.Role) (relayclient.Token, string, error)

	// Namespace returns where the relay of a profile on the local relay is; nil
	// or "": not known. It is called on the main goroutine.
	Namespace func(p profiles.Profile) string

	// Inbound returns what the listener of the profile on screen expects of the
	// tokens of requests, and its latest checks, the newest first; SetInbound
	// changes that. Both are called on the main goroutine; nil: not offered.
	Inbound    func() (Inbound, []Checked)
	SetInbound func(Inbound)

	Now func() time.Time // nil: time.Now
}

// A Page shows one token at a time. All of it belongs to the main goroutine.
type Page struct {
	opt      Options
	profile  profiles.Profile
	closed   chan struct{}
	stop     context.CancelFunc // ends what is under way; nil: nothing is
	run      int                // counts what was begun, so that late news is told apart
	got      *token.Token       // nil: there is none
	role     relayclient.Role   // of the profile, that the token is for; 0 if it was pasted
	verified *token.Result      // nil: nobody asked
	facts    []*factRow
	steps    []*factRow

	source   *sourceBar
	problem  *widgets.Problem
	empty    *widget.Label
	headline *headline
	key      *keyRow
	check    *checkRow
	list     *fyne.Container
	rights   *rights
	inbound  *inboundSection
	column   *fyne.Container
	scroll   *container.Scroll
	content  fyne.CanvasObject
}

// New returns a page without a profile.
func New(opt Options) *Page {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	p := &Page{opt: opt, closed: make(chan struct{}), problem: widgets.NewProblem(), empty: widget.NewLabel(nothingYet)}
	p.headline = newHeadline(func() { p.opt.Copy(p.report()) })
	p.source = newSourceBar(p.get, p.paste, p.cancel)
	p.key = newKeyRow(p.Refresh)
	p.check = newCheckRow(p.verify)
	p.rights = newRights(opt.Copy)
	p.inbound = newInboundSection(func(in Inbound) {
		opt.SetInbound(in)
		p.column.Refresh()
	})
	widgets.SetVisible(p.inbound.content, opt.Inbound != nil)
	p.list = container.New(widgets.Stacked{Gap: theme.Padding()})
	p.empty.Wrapping = fyne.TextWrapWord
	p.empty.Importance = widget.LowImportance
	p.problem.OnCopy = opt.Copy
	p.column = container.New(widgets.Stacked{Gap: theme.Padding()}, p.source.content, p.problem, p.empty, p.headline.content, p.key.content, p.check.content, p.list, p.rights.content, p.inbound.content)
	p.problem.OnResize = p.column.Refresh
	p.problem.Hide()
	p.scroll = container.NewVScroll(container.NewPadded(p.column))
	p.content = container.NewBorder(widget.NewSeparator(), nil, nil, nil, p.scroll)
	p.arrange()
	opt.Work(p.tick)
	return p
}

// Content returns what to put into the window.
func (p *Page) Content() fyne.CanvasObject { return p.content }

// Show turns to a profile. Tokens of another one, or of other settings, go.
func (p *Page) Show(profile profiles.Profile) {
	same := p.profile.ID == profile.ID && p.profile.SameConnection(profile)
	p.profile = profile
	p.source.setProfile(profile)
	if !same {
		p.drop()
	}
	if p.opt.Inbound != nil {
		in, _ := p.opt.Inbound()
		p.inbound.fill(in)
		p.refreshInbound()
	}
}

// Redraw writes everything anew, which the theme has a say in.
func (p *Page) Redraw() { p.arrange() }

// refreshInbound lists the latest checks of requests.
func (p *Page) refreshInbound() {
	if p.opt.Inbound == nil {
		return
	}
	if _, checks := p.opt.Inbound(); p.inbound.show(checks, p.opt.Copy, p.reveal) {
		p.column.Refresh()
		p.scroll.Refresh()
	}
}

// Close ends what the page does in the background.
func (p *Page) Close() {
	p.cancel()
	select {
	case <-p.closed:
	default:
		close(p.closed)
	}
}

// tick keeps what changes with time alone up to date.
func (p *Page) tick(ctx context.Context) {
	every := time.NewTicker(time.Second)
	defer every.Stop()
	for {
		select {
		case <-every.C:
			p.opt.Do(func() {
				if p.content.Visible() {
					p.Refresh()
					p.refreshInbound()
				}
			})
		case <-p.closed:
			return
		case <-ctx.Done():
			return
		}
	}
}

// drop forgets the token.
func (p *Page) drop() {
	p.cancel()
	p.got, p.verified, p.role = nil, nil, 0
	p.problem.Hide()
	p.key.clear()
	p.arrange()
}

// take shows a token that was just read.
func (p *Page) take(t token.Token, role relayclient.Role, who string) {
	p.got, p.role, p.verified = &t, role, nil
	p.problem.Hide()
	p.key.clear()
	p.headline.who = who
	p.scroll.ScrollToTop()
	p.arrange()
}

// fail shows what went wrong; the token that was there stays.
func (p *Page) fail(f widgets.Failure) {
	p.problem.Set(f)
	p.problem.Show()
	p.scroll.ScrollToTop()
	p.column.Refresh()
}

// arrange shows what there is to say of the token.
func (p *Page) arrange() {
	have := p.got != nil
	jwt := have && p.got.Kind == token.KindJWT
	widgets.SetVisible(p.empty, !have)
	widgets.SetVisible(p.headline.content, have)
	widgets.SetVisible(p.list, have)
	widgets.SetVisible(p.key.content, have && !jwt)
	widgets.SetVisible(p.check.content, jwt)
	p.facts, p.steps = nil, nil
	p.list.Objects = nil
	if have {
		target := p.target()
		p.key.describe(p.got.SAS, target)
		p.check.describe(p.got.JWT, target)
		p.addSteps()
		p.addFacts(p.judge(target))
		p.rights.set(p.got.JWT, target)
	}
	widgets.SetVisible(p.rights.content, jwt && p.got.JWT.ObjectID != "")
	p.Refresh()
	p.column.Refresh()
	p.scroll.Refresh()
}

func (p *Page) addFacts(facts []token.Fact) {
	for _, f := range facts {
		row := newFactRow(p.opt.Copy, p.reveal)
		row.set(factWords(f))
		p.facts = append(p.facts, row)
		p.list.Add(row.content)
	}
}

func (p *Page) addSteps() {
	if p.verified == nil {
		return
	}
	p.list.Add(subheading("Signature check with the issuer"))
	for _, s := range p.verified.Steps {
		row := newFactRow(p.opt.Copy, p.reveal)
		row.set(stepWords(s))
		p.steps = append(p.steps, row)
		p.list.Add(row.content)
	}
	p.list.Add(subheading("What the token says"))
}

// Refresh judges the token anew, as of now and with the key that was typed.
func (p *Page) Refresh() {
	if p.got == nil {
		return
	}
	facts := p.judge(p.target())
	if len(facts) != len(p.facts) {
		p.arrange()
		return
	}
	changed := false
	for i, f := range facts {
		changed = p.facts[i].set(factWords(f)) || changed
	}
	p.headline.set(*p.got, facts, p.verified, p.opt.Now())
	if changed {
		p.column.Refresh() // texts that wrap may need another height
	}
}

// reveal scrolls to an object in the column.
func (p *Page) reveal(o fyne.CanvasObject) {
	driver := fyne.CurrentApp().Driver()
	top := driver.AbsolutePositionForObject(o).Y - driver.AbsolutePositionForObject(p.column).Y
	bottom := top + o.Size().Height + 2*theme.Padding()
	switch view := p.scroll.Size().Height; {
	case top < p.scroll.Offset.Y:
		p.scroll.ScrollToOffset(fyne.NewPos(0, top))
	case bottom > p.scroll.Offset.Y+view:
		p.scroll.ScrollToOffset(fyne.NewPos(0, bottom-view))
	}
}

func subheading(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.TextStyle.Bold = true
	l.SizeName = theme.SizeNameSubHeadingText
	return l
}

// Objects names the parts of the page that a test drives.
func (p *Page) Objects() map[string]fyne.CanvasObject {
	return map[string]fyne.CanvasObject{
		"identity.listener": p.source.listener, "identity.sender": p.source.sender, "identity.paste": p.source.paste, "identity.cancel": p.source.cancel,
		"identity.status": p.headline.status, "identity.title": p.headline.title, "identity.until": p.headline.until,
		"inbound.on": p.inbound.on, "inbound.audience": p.inbound.audience, "inbound.issuer": p.inbound.issuer, "inbound.application": p.inbound.application,
		"inbound.refuse": p.inbound.refuse, "inbound.wrong": p.inbound.wrong, "inbound.none": p.inbound.none,
		"identity.key": p.key.entry, "identity.verify": p.check.button, "identity.problem": p.problem, "identity.list": p.list, "identity.copy": p.headline.copyIt,
		"identity.role.listen": p.rights.lines[0].copyIt, "identity.role.send": p.rights.lines[1].copyIt,
	}
}

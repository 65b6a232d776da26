// Package ui is the window: its frame, the list of profiles, the form, the
// first page, and what connects them to the pages in the packages below.
package ui

import (
	"context"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/driver"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/profiles/saved"
	"relayscope/relayclient/entra"
	"relayscope/ui/command"
	"relayscope/ui/doctor"
	"relayscope/ui/identity"
	"relayscope/ui/live"
	"relayscope/ui/widgets"
)

// Options are what the program gives its window.
type Options struct {
	Store  *profiles.Store // where profiles are kept; the window closes it
	Folder string          // where a sealed file may be kept if there is no keyring; "": nowhere
	Icon   fyne.Resource
	Logger *slog.Logger
	OnMain func(func()) // runs a function on the main goroutine without waiting
}

// A Window is the program's one window. Its fields belong to the main
// goroutine; what works in the background comes back through onMain.
type Window struct {
	win         fyne.Window
	log         *slog.Logger
	onMain      func(func()) // drops what comes too late
	closeOnMain func(func())
	life        context.Context
	end         context.CancelFunc
	work        sync.WaitGroup

	app   fyne.App
	kept  remembered
	usual map[string]float64 // where the page's splitters stand at first

	chosen   fyne.Size // of the window, by the person; see chosenSize
	grown    fyne.Size // what became of it
	settling int       // looks that are being applied

	style  look
	ran    int  // how many profiles ran a second ago
	away   bool // another window has the keyboard
	notify notifier

	folder    string
	keeper    *keeper
	host      *relayHost
	sessions  map[profiles.ID]*live.Session
	entries   []profiles.Entry
	current   profiles.ID
	onReady   func() // called once, when the profiles were read
	ready     bool   // the profiles were read
	closing   bool   // somebody wants the window closed
	finishing sync.Once
	ending    bool // nothing new may start, and what comes back is dropped
	closed    chan struct{}

	sidebar  *sidebar
	bar      *bar
	page     *live.Page
	test     *doctor.Page
	tokens   *identity.Page
	pager    *pager
	trying   *doctor.Page // over the form; nil: nothing typed is being tested
	early    map[profiles.ID]earlyResult
	form     *form
	welcome  *welcome
	prompt   *signInPrompt // nil: nobody has to sign in
	table    []command.Command
	palette  *palette        // the last one
	settings *settingsDialog // the last one
	opened   []openedOver
	asking   *passphraseDialog // the last one

	importing  *importDialog      // the last one
	completing []profiles.Profile // imported, and still lacking something
	copyText   func(string)
	keyCopied  string // is on the clipboard, or was
	fault      *faultPage
	blank      fyne.CanvasObject
	live       fyne.CanvasObject
	stack      *fyne.Container
	view       *widgets.Button
	split      *container.Split // the list of profiles and the rest
	unfold     *fyne.Container  // in place of the list while it is folded
}

// New makes the window and begins to read the profiles. The caller shows it.
func New(app fyne.App, opt Options) *Window {
	life, end := context.WithCancel(context.Background())
	u := &Window{
		win: app.NewWindow("Relayscope"), log: opt.Logger, life: life, end: end,
		host: &relayHost{log: opt.Logger}, sessions: map[profiles.ID]*live.Session{}, closed: make(chan struct{}),
	}
	u.folder = opt.Folder
	u.app, u.kept, u.style = app, remembered{app.Preferences()}, newLook()
	u.style.choice, u.style.zoom = u.kept.theme(), float32(u.kept.zoom())/100
	app.Settings().SetTheme(u.style)
	u.closeOnMain = opt.OnMain
	u.onMain = func(f func()) {
		opt.OnMain(func() {
			if !u.ending {
				f()
			}
		})
	}
	u.host.identities.prompt = func(id profiles.ID, p entra.Prompt) { u.onMain(func() { u.askSignIn(id, p) }) }
	u.keeper = &keeper{onMain: u.onMain, work: u.background}
	u.build(app, opt.Icon)
	u.win.SetIcon(opt.Icon)
	u.win.SetContent(container.NewStack(u.layout()))
	u.win.SetCloseIntercept(u.Close)
	u.recall()
	u.watchFocus(app.Lifecycle())
	u.table = u.commands()
	command.Bind(u.win.Canvas(), u.table, u.run)
	u.keeper.open(opt.Store, u.profilesRead)
	u.background(u.tick)
	return u
}

func (u *Window) build(app fyne.App, icon fyne.Resource) {
	copyText := func(text string) { app.Clipboard().SetContent(text) }
	u.copyText = copyText
	u.page = live.NewPage(u.onMain, copyText)
	if u.folder != "" {
		u.page.KeepMessages(saved.NewStore(filepath.Join(u.folder, saved.FileName)))
	}
	u.bar = newBar(u.startOrStop, u.editCurrent, copyText)
	u.page.OnRefresh = u.refreshFrame
	u.page.OnDialog = u.showDialog
	u.page.OnStart = u.startOrStop
	if u.folder != "" {
		u.page.SetRecordings(filepath.Join(u.folder, "recordings"))
	}
	u.test, u.tokens = u.newTestPage(), u.newIdentityPage()
	u.form = newForm(u.save, u.cancelForm)
	u.form.onTest = u.testTyped
	u.form.help = formHelp{pickFile: u.pickFile, clipboard: app.Clipboard().Content, groups: u.groups}
	u.welcome = newWelcome(icon, u.TryLocalRelay, u.pasteNew, u.fillNew, u.importAny)
	u.fault = newFaultPage(func() { u.askDelete(u.current) }, copyText)
	u.sidebar = newSidebar(sidebarActions{
		choose: u.choose, connect: u.connect, fill: u.fillNew, paste: u.pasteNew, try: u.TryLocalRelay, stopAll: u.stopEverything,
		edit: u.edit, duplicate: u.duplicate, remove: u.askDelete, state: u.stateOf, explain: func(f widgets.Failure) { u.explain(f, copyText) },
		move: u.move, regroup: u.regroup, newGroup: u.newGroup, renameGroup: u.renameGroup, dissolve: u.dissolve, groups: u.groups,
		copyAccess: u.copyRelayAccess, saveCertificate: u.saveRelayCertificate,
		export: u.exportOne, exportAll: u.exportAll, importAny: u.importAny, seal: u.seal,
		foldAll: u.toggleSidebar, settings: u.showSettings, keys: u.showKeys,
	})
}

func (u *Window) layout() fyne.CanvasObject {
	opening := widget.NewLabel("Reading the profiles from the keyring…\nIf the system asks to unlock it, answer there.")
	opening.Alignment = fyne.TextAlignCenter
	opening.Importance = widget.LowImportance
	u.blank = container.NewCenter(opening)
	u.pager = newPager(u.showPage,
		&pagerPage{name: pageLive, page: u.page.Content()},
		&pagerPage{name: pageTest, page: u.test.Content()},
		&pagerPage{name: pageIdentity, page: u.tokens.Content()})
	u.view = widgets.NewButtonWithIcon("View", theme.VisibilityIcon(), func() { showMenu(u.viewMenu(), u.view) })
	u.view.Importance = widget.LowImportance
	u.pager.right.Add(u.view)
	u.live = widgets.NewColumn(1, u.bar.content, u.pager.content)
	u.stack = container.NewStack(u.blank, u.welcome.content, u.form.content, u.fault.content, u.live)
	u.showOnly(u.blank)
	u.split = container.NewHSplit(u.sidebar.content, u.stack)
	u.split.SetOffset(usualSidebar)
	show := widgets.NewButtonWithIcon("", theme.MenuIcon(), u.toggleSidebar)
	show.Importance = widget.LowImportance
	u.unfold = container.NewPadded(container.NewVBox(show))
	u.unfold.Hide()
	return container.NewBorder(nil, nil, u.unfold, nil, u.split)
}

// usualSidebar is the part of the window that the list of profiles has.
const usualSidebar = 0.19

// showOnly shows one page of the stack.
func (u *Window) showOnly(page fyne.CanvasObject) {
	for _, o := range u.stack.Objects {
		widgets.SetVisible(o, o == page)
	}
	u.stack.Refresh()
}

// focus gives an object the keyboard, once the key that asked for it has been
// dealt with: the space that presses a button would be typed into it.
func (u *Window) focus(o fyne.Focusable) {
	u.onMain(func() { u.win.Canvas().Focus(o) })
}

// background runs f beside the main goroutine; Finish waits for it. At the
// end nothing new begins.
func (u *Window) background(f func(ctx context.Context)) {
	if !u.ending {
		u.work.Go(func() { f(u.life) })
	}
}

// tick draws what changes with time alone: countdowns, and the states of
// profiles that are not on screen.
func (u *Window) tick(ctx context.Context) {
	every := time.NewTicker(time.Second)
	defer every.Stop()
	for {
		select {
		case <-every.C:
			u.onMain(func() {
				if runs := len(u.runningSessions()); runs > 0 || u.ran > 0 {
					u.ran = runs
					u.page.Refresh()
				}
				if u.form.content.Visible() {
					u.form.tick()
				}
				u.test.Tick()
				if u.trying != nil {
					u.trying.Tick()
				}
				u.sidebar.tick()
				u.followPrompt()
				u.remember()
				u.tellOfListeners(time.Now())
			})
		case <-ctx.Done():
			return
		}
	}
}

// Show shows the window, and reports whether there is one.
func (u *Window) Show() bool {
	u.win.Show()
	native, ok := u.win.(driver.NativeWindow)
	if !ok {
		return true // a driver that draws no window of the system's
	}
	exists := false
	native.RunNative(func(context any) {
		switch c := context.(type) {
		case driver.X11WindowContext:
			exists = c.WindowHandle != 0
		case driver.WaylandWindowContext:
			exists = c.WaylandSurface != 0
		case driver.WindowsWindowContext:
			exists = c.HWND != 0
		case driver.MacWindowContext:
			exists = c.NSWindow != 0
		default:
			exists = true
		}
	})
	return exists
}

// closePatience is how long closing waits for goodbyes on the network.
const closePatience = 4 * time.Second

// Close says goodbye on every connection, waits for it, briefly, and closes
// the window. A second call does not wait.
func (u *Window) Close() {
	if u.closing {
		u.win.SetCloseIntercept(nil)
		u.win.Close()
		return
	}
	u.closing = true
	u.win.SetTitle("Relayscope – closing")
	u.clearKey()
	u.Finish()
}

// Finish ends what works in the background, beside the main goroutine, and
// then closes the window. It does no harm to call it twice, or after Fyne has
// ended: on a signal Fyne goes away by itself, and does not wait for goodbyes.
func (u *Window) Finish() {
	u.finishing.Do(u.startFinish)
}

func (u *Window) startFinish() {
	u.remember()
	u.ending = true
	u.page.Close()
	u.tokens.Close()
	sessions, store := slices.Collect(maps.Values(u.sessions)), u.keeper.store
	go func() {
		u.finish(sessions, store)
		close(u.closed)
		u.closeOnMain(func() {
			u.win.SetCloseIntercept(nil)
			u.win.Close()
		})
	}()
}

func (u *Window) finish(sessions []*live.Session, store *profiles.Store) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(u.life), closePatience)
	defer cancel()
	var all sync.WaitGroup
	for _, s := range sessions {
		all.Go(func() {
			if err := s.Close(ctx); err != nil {
				u.log.Warn("connections dropped at the end", "err", err)
			}
		})
	}
	all.Wait()
	u.host.close()
	if err := store.Close(ctx); err != nil { // a change under way is finished first
		u.log.Warn("keyring did not answer", "err", err)
	}
	u.end()
	u.work.Wait()
}

// Closed is closed once nothing of the window works in the background.
func (u *Window) Closed() <-chan struct{} { return u.closed }

// explain shows a failure in full.
func (u *Window) explain(f widgets.Failure, copyText func(string)) {
	problem := widgets.NewProblem()
	problem.OnCopy = copyText
	problem.Set(f)
	d := dialog.NewCustom("Profiles", "Close", problem, u.win)
	d.Resize(fyne.NewSize(widgets.Zoomed(560), widgets.Zoomed(300)))
	u.showDialog(d)
}

// confirm asks a question whose answer cannot be taken back.
func (u *Window) confirm(title, question, yes string, do func()) {
	d := dialog.NewConfirm(widgets.ShownLine(title), widgets.Shown(question), func(ok bool) {
		if ok {
			do()
		}
	}, u.win)
	d.SetConfirmText(yes)
	d.SetConfirmImportance(widget.DangerImportance)
	d.SetDismissText("Cancel")
	u.showDialog(d)
}

package ui

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/ui/live"
	"relayscope/ui/widgets"
)

// A scene is a state of the window that a person can meet. Scenes of other
// files are appended to the list.
type scene struct {
	name  string
	show  func(t *testing.T, u *Window, q mainQueue)
	large bool // a picture of 200 per cent is kept, too
	moves bool // a clock or a port is in it: its layout is checked, but no picture is kept
}

// A view is how a scene is looked at.
type view struct {
	theme themeChoice
	size  fyne.Size
	zoom  int
}

// views are looked at without a picture.
var views = []view{{themeContrast, fyne.NewSize(1920, 1080), 200}}

// pictured are the views that a picture is kept of.
var pictured = []view{
	{themeLight, fyne.NewSize(1280, 720), 100},
	{themeDark, fyne.NewSize(1280, 720), 100},
	{themeDark, fyne.NewSize(1920, 1080), 200},
}

func (v view) String() string {
	return fmt.Sprintf("%s-%dx%d-%d", [...]string{"system", "light", "dark", "contrast"}[v.theme], int(v.size.Width), int(v.size.Height), v.zoom)
}

// sceneProfiles are what the scenes show: of every kind, and with long names.
func sceneProfiles() []profiles.Entry {
	list := []profiles.Profile{someProfile("orders @ contoso"), someProfile("billing of the whole of Northern Europe, staging"), someProfile("third")}
	list[0].Group, list[1].Group = "Production", "Production"
	list[1].Namespace, list[1].HybridConnection = "fabrikam-northeurope-integration.servicebus.windows.net", "billing/invoices"
	list[1].LastResult = profiles.Result{At: time.Now().Add(-75 * time.Hour), OK: true}
	list[2].LastResult = profiles.Result{At: time.Now().Add(-3 * time.Hour), Headline: "The relay does not accept the key"}
	var entries []profiles.Entry
	for _, p := range list {
		entries = append(entries, profiles.Entry{ID: p.ID, Profile: p})
	}
	broken := profiles.NewID()
	return append(entries, profiles.Entry{ID: broken, Fault: &profiles.Fault{Name: "old one", Message: "It was written by a newer version.", Remedy: "Use that version, or delete the entry here."}})
}

// withProfiles lists the profiles and opens one of them.
func withProfiles(u *Window, i int) {
	entries := sceneProfiles()
	u.list(entries)
	u.choose(entries[i].ID)
}

var scenes = []scene{
	{name: "welcome", large: true, show: func(*testing.T, *Window, mainQueue) {}},
	{name: "idle", large: true, show: func(_ *testing.T, u *Window, _ mainQueue) { withProfiles(u, 0) }},
	{name: "long-names", show: func(_ *testing.T, u *Window, _ mainQueue) { withProfiles(u, 1) }},
	{name: "unreadable", show: func(_ *testing.T, u *Window, _ mainQueue) { withProfiles(u, 3) }},
	{name: "stacked", show: func(_ *testing.T, u *Window, _ mainQueue) { withProfiles(u, 0); u.arrange(live.Stacked) }},
	{name: "only-listener", show: func(_ *testing.T, u *Window, _ mainQueue) { withProfiles(u, 0); u.arrange(live.OnlyListener) }},
	{name: "only-sender", show: func(_ *testing.T, u *Window, _ mainQueue) { withProfiles(u, 0); u.arrange(live.OnlySender) }},
	{name: "folded", show: func(_ *testing.T, u *Window, _ mainQueue) { withProfiles(u, 0); u.toggleSidebar() }},
	{name: "presenting", large: true, show: func(_ *testing.T, u *Window, _ mainQueue) { withProfiles(u, 0); u.togglePresenting() }},
	{name: "test", large: true, show: func(_ *testing.T, u *Window, _ mainQueue) { withProfiles(u, 0); u.pager.show(pageTest) }},
	{name: "identity", large: true, show: func(_ *testing.T, u *Window, _ mainQueue) { withProfiles(u, 0); u.pager.show(pageIdentity) }},
	{name: "form", large: true, show: func(_ *testing.T, u *Window, _ mainQueue) { u.fillNew() }},
	{name: "form-errors", show: func(_ *testing.T, u *Window, _ mainQueue) { u.fillNew(); u.form.submit() }},
	{name: "form-edit", show: func(_ *testing.T, u *Window, _ mainQueue) { withProfiles(u, 0); u.editCurrent() }},
	{name: "settings", show: func(_ *testing.T, u *Window, _ mainQueue) { withProfiles(u, 0); u.showSettings() }},
	{name: "keys", show: func(_ *testing.T, u *Window, _ mainQueue) { withProfiles(u, 0); u.showKeys() }},
	{name: "palette", show: func(_ *testing.T, u *Window, _ mainQueue) { withProfiles(u, 0); u.openPalette() }},
	{name: "view-menu", show: func(_ *testing.T, u *Window, _ mainQueue) { withProfiles(u, 0); u.view.OnTapped() }},
	{name: "delete", show: func(_ *testing.T, u *Window, _ mainQueue) { withProfiles(u, 0); u.askDelete(u.current) }},
	{name: "passphrase", show: func(_ *testing.T, u *Window, _ mainQueue) {
		u.askPassphrase("Passphrase for the export", "Whoever imports the file must type it.", "Continue…", true, func(*passphraseDialog, relayclient.Secret) {})
	}},
	{name: "no-keyring", show: func(_ *testing.T, u *Window, _ mainQueue) {
		u.explain(widgets.Failure{Title: "There is no keyring on this system", Cause: "None is installed, or it has stopped.", Next: "Install and start a Secret Service.", Raw: "org.freedesktop.secrets was not provided"}, u.copyText)
	}},
	{name: "online", moves: true, show: func(t *testing.T, u *Window, q mainQueue) {
		u.TryLocalRelay()
		s := u.sessions[u.current]
		q.until(t, "the sender is connected", func() bool { return s.Sender().State == live.SenderConnected })
		for i := range 12 {
			if err := s.Send(demoMessage(i)); err != nil {
				t.Fatal(err)
			}
		}
		q.until(t, "the echoes are back", func() bool { return s.Sender().Received == 12 })
		u.page.Refresh()
	}},
	{name: "failed", moves: true, show: func(t *testing.T, u *Window, q mainQueue) {
		withProfiles(u, 0)
		p := u.entries[0].Profile
		p.Namespace = "127.0.0.1:1"
		u.sessions[p.ID].SetProfile(p)
		test.Tap(u.bar.toggle)
		s := u.sessions[p.ID]
		q.until(t, "it has failed", func() bool { st, _ := s.Listener(); return st.Err != nil })
		u.page.Refresh()
	}},
}

// TestScenes looks at every scene in a large zoom, where nothing may be
// squeezed. With RELAYSCOPE_PICTURES set it compares pictures of other views
// instead, which takes minutes; see make pictures.
func TestScenes(t *testing.T) {
	all, compare := views, os.Getenv("RELAYSCOPE_PICTURES") != ""
	if compare {
		all = pictured
	}
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			u, q := newWindow(t, profiles.NewMemory())
			u.win.Resize(pictured[0].size)
			s.show(t, u, q)
			for _, v := range all {
				if compare && (s.moves || v.zoom > 100 && !s.large) {
					continue
				}
				u.win.Resize(v.size.AddWidthHeight(1, 1)) // what has another size now is laid out anew
				u.style.choice, u.style.zoom = v.theme, float32(v.zoom)/100
				u.applyLook()
				u.win.Resize(v.size)
				checkRoom(t, u, v)
				if compare {
					comparePicture(t, posterize(u.win.Canvas().Capture()), s.name+"-"+v.String()+".png")
				}
			}
			closeWindow(t, u, q)
		})
	}
}

// checkRoom fails if the window cannot be as small as it is, or something in
// it has less room than it needs.
func checkRoom(t *testing.T, u *Window, v view) {
	t.Helper()
	if need := u.win.Content().MinSize(); need.Width > v.size.Width || need.Height > v.size.Height {
		t.Errorf("%v: the window needs %v", v, need)
	}
	var look func(o fyne.CanvasObject)
	look = func(o fyne.CanvasObject) {
		if !o.Visible() || o.Size().IsZero() { // Fyne's dialogs keep a title that they do not show
			return
		}
		name := ""
		switch o := o.(type) {
		case *widget.Button:
			name = "button " + o.Text
		case *widget.Check:
			name = "check " + o.Text
		case *widget.Select:
			name = "choice " + o.Selected
		case *widget.Label:
			if o.Truncation == fyne.TextTruncateOff && o.Text != "" {
				name = "text " + o.Text
			}
		}
		const rounding = 1.5
		padding := widgets.Zoomed(5) // of a button in a row with an entry, which may overlap
		if need, room := o.MinSize(), o.Size(); name != "" && (need.Width > room.Width+rounding || need.Height > room.Height+padding) {
			t.Errorf("%v: %s has %v and needs %v", v, name, room, need)
		}
		switch o := o.(type) {
		case *fyne.Container:
			for _, child := range o.Objects {
				look(child)
			}
		case *container.Scroll:
			look(o.Content)
		case fyne.Widget:
			for _, child := range test.WidgetRenderer(o).Objects() {
				look(child)
			}
		}
	}
	for _, root := range append([]fyne.CanvasObject{u.win.Content()}, u.win.Canvas().Overlays().List()...) {
		look(root)
	}
}

// posterize keeps a few bits of each channel: pictures get small, and what two
// processors round differently stays the same.
const levels = 24

func posterize(img image.Image) *image.NRGBA {
	out := image.NewNRGBA(img.Bounds())
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Src)
	for i := range out.Pix {
		out.Pix[i] = uint8((int(out.Pix[i])*levels + 127) / 255 * 255 / levels)
	}
	return out
}

// comparePicture compares a picture with the one that is kept, pixel by pixel,
// but for a few at most: a step apart is no difference.
func comparePicture(t *testing.T, got *image.NRGBA, name string) {
	t.Helper()
	failed := filepath.Join("testdata", "failed", "pictures", name)
	file, err := os.Open(filepath.Join("testdata", "pictures", name))
	if err != nil {
		save(t, got, failed)
		t.Errorf("there is no picture yet; this one is in %s", failed)
		return
	}
	defer file.Close()
	kept, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	const most = 40 // pixels
	was := posterize(kept)
	different := 0
	if was.Rect != got.Rect {
		different = most + 1
	}
	for i := 0; different <= most && i < len(got.Pix); i += 4 {
		for channel := i; channel < i+3; channel++ {
			if a, b := was.Pix[channel], got.Pix[channel]; max(a, b)-min(a, b) > 2*255/levels {
				different++
				break
			}
		}
	}
	if different > most {
		save(t, got, failed)
		t.Errorf("it is not as it was; see %s", failed)
	}
}

// save writes a picture, with a palette if it has few colours.
func save(t *testing.T, img *image.NRGBA, path string) {
	t.Helper()
	var small image.Image = img
	index := map[color.NRGBA]uint8{}
	p := &image.Paletted{Pix: make([]uint8, len(img.Pix)/4), Stride: img.Rect.Dx(), Rect: img.Rect}
	for i := range p.Pix {
		c := color.NRGBA{img.Pix[4*i], img.Pix[4*i+1], img.Pix[4*i+2], img.Pix[4*i+3]}
		at, known := index[c]
		if !known && len(p.Palette) < 256 {
			at = uint8(len(p.Palette))
			index[c], p.Palette, known = at, append(p.Palette, c), true
		}
		if !known {
			p = nil
			break
		}
		p.Pix[i] = at
	}
	if p != nil {
		small = p
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(file, small); err != nil {
		t.Fatal(err)
	}
}

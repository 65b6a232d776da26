package messagelog_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient/journal"
	"relayscope/ui/messagelog"
	"relayscope/ui/widgets"
)

// exporting opens the export dialog for a file.
func (r *rig) exporting(path string) map[string]fyne.CanvasObject {
	r.t.Helper()
	r.press("log.export")
	parts := r.pane.ExportObjects()
	if parts == nil {
		r.t.Fatal("no dialog has come")
	}
	parts["path"].(*widgets.Entry).SetText(path)
	return parts
}

// says waits for a part of what the dialog says.
func (r *rig) says(parts map[string]fyne.CanvasObject, want string) {
	r.t.Helper()
	about := parts["about"].(*widget.Label)
	r.until(want, func() bool { return strings.Contains(about.Text, want) })
}

func TestExportOfFilteredRows(t *testing.T) {
	r := newFilled(t)
	r.filter("dir:in")
	r.counts("3 of 11")
	path := filepath.Join(t.TempDir(), "rows.jsonl")
	parts := r.exporting(path)
	if got := parts["rows"].(*widget.RadioGroup); strings.Join(got.Options, ",") != "All rows,Filtered" || got.Selected != "Filtered" {
		t.Errorf("the choices are %q, %q is chosen", got.Options, got.Selected)
	}
	r.says(parts, "3 rows, ")
	parts["format"].(*widget.RadioGroup).SetSelected("CSV")
	if got := parts["path"].(*widgets.Entry).Text; !strings.HasSuffix(got, "rows.csv") {
		t.Errorf("for CSV the file is called %q", got)
	}
	test.Tap(parts["write"].(*widgets.Button))
	r.until("written", func() bool { return strings.Contains(r.label("log.notice"), "written to") })
	text, err := os.ReadFile(strings.TrimSuffix(path, ".jsonl") + ".csv")
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(text), "\n"); lines != 4 {
		t.Errorf("%d lines were written, want a head and three rows:\n%s", lines, text)
	}
}

func TestExportOfPickedRows(t *testing.T) {
	r := newFilled(t)
	r.click(3, 0)
	r.click(6, fyne.KeyModifierControl)
	path := filepath.Join(t.TempDir(), "rows.jsonl")
	parts := r.exporting(path)
	r.says(parts, "2 rows, ")
	parts["path"].(*widgets.Entry).OnSubmitted("")
	r.until("written", func() bool { return strings.HasPrefix(r.label("log.notice"), "2 rows") })
	f, err := journal.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
}

func TestExportSaysWhatFails(t *testing.T) {
	r := newFilled(t)
	parts := r.exporting(filepath.Join(t.TempDir(), "no", "such", "folder", "rows.jsonl"))
	r.says(parts, "11 rows")
	test.Tap(parts["write"].(*widgets.Button))
	r.says(parts, "Check that the folder exists")
	test.Tap(parts["close"].(*widgets.Button))
	if r.pane.ExportObjects() != nil {
		t.Error("the dialog does not close")
	}
}

func TestRecordAndOpen(t *testing.T) {
	r := newFilled(t)
	path := filepath.Join(t.TempDir(), "orders.jsonl")
	r.pane.RecordTo(path)
	button := object[*widgets.Button](r, "log.record")
	r.until("recording", func() bool { return button.Text == "orders.jsonl" })
	r.more(20)
	r.pane.StopRecording()
	r.until("stopped", func() bool { return r.label("log.notice") == "31 rows recorded to "+path })
	r.journal.Clear()
	r.counts("no rows")

	r.pane.OpenFile(path)
	r.counts("31 rows")
	if got := r.label("log.banner"); !strings.HasPrefix(got, "Recorded file orders.jsonl · ") {
		t.Errorf("the banner says %q", got)
	}
	r.filter("status:404")
	r.counts("1 of 31")
	r.click(0, 0)
	r.until("detail", func() bool { return strings.Contains(r.detail().Text(), `"error": "no 47"`) })
	r.filter("")
	r.press("log.closefile")
	r.counts("no rows")
	if got := r.label("log.banner"); got != "" {
		t.Errorf("the banner still says %q", got)
	}
}

func TestDroppedRowsAreKeptInTheRecording(t *testing.T) {
	r := newRig(t, theme.VariantLight, 1000, 320)
	r.journal.SetBounds(10, 0)
	r.pane.RecordTo(filepath.Join(t.TempDir(), "orders.jsonl"))
	button := object[*widgets.Button](r, "log.record")
	r.until("recording", func() bool { return button.Text == "orders.jsonl" })
	r.more(100)
	if got := r.list().GapText(90); got != "90 older rows dropped, kept in orders.jsonl" {
		t.Errorf("the gap says %q", got)
	}
}

func TestEveryRunIsRecordedIfWanted(t *testing.T) {
	r := newRig(t, theme.VariantLight, 1000, 320)
	folder := filepath.Join(t.TempDir(), "recordings")
	fyne.CurrentApp().Preferences().SetBool("log.record", true)
	r.pane.SetRecordings(folder)
	r.pane.Show(journal.New(0, 0), messagelog.About{Name: "orders / test"})
	button := object[*widgets.Button](r, "log.record")
	r.until("recording", func() bool { return strings.HasSuffix(button.Text, "test.jsonl") })
	files, err := filepath.Glob(filepath.Join(folder, "* orders - test.jsonl"))
	if err != nil || len(files) != 1 {
		t.Errorf("the folder has %q, %v", files, err)
	}
}

func TestOpeningWhatIsNoRecordSaysSo(t *testing.T) {
	r := newFilled(t)
	path := filepath.Join(t.TempDir(), "other.jsonl")
	if err := os.WriteFile(path, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.pane.OpenFile(path)
	r.until("dialog", func() bool { return r.window.Canvas().Overlays().Top() != nil })
	r.counts("11 rows")
}

func TestFilePictures(t *testing.T) {
	for name, do := range map[string]func(r *rig){
		"export": func(r *rig) {
			r.fill()
			r.filter("order")
			r.counts("5 of 11")
			parts := r.exporting("/home/me/relayscope orders.jsonl")
			r.says(parts, "5 rows")
		},
		"compare": func(r *rig) {
			r.fill()
			r.counts("11 rows")
			r.click(4, 0)
			r.click(5, fyne.KeyModifierControl)
			r.press("log.compare")
			view := r.window.Canvas().Focused().(*widgets.LogView)
			r.until("differences", func() bool { first, _ := view.Selection(); return first != 0 })
		},
		"menu": func(r *rig) {
			r.fill()
			r.counts("11 rows")
			r.click(5, 0)
			r.list().TypedKey(&fyne.KeyEvent{Name: desktop.KeyMenu})
		},
		"filter menu": func(r *rig) {
			fyne.CurrentApp().Preferences().SetStringList("log.filters", []string{"lost orders\tlost dir:in", "slow\tlatency>100ms"})
			fyne.CurrentApp().Preferences().SetStringList("log.rules", []string{"1\tstatus:404", "3\tlamp"})
			again := newRigOn(r.t, r.journal)
			*r = *again
			r.window.Resize(fyne.NewSize(1000, 460))
			r.fill()
			r.filter("order")
			r.counts("5 of 11")
			r.press("log.saved")
		},
		"query help": func(r *rig) {
			for _, c := range r.pane.Commands() {
				if strings.HasPrefix(c.Name, "What can be typed") {
					c.Do()
				}
			}
		},
	} {
		for variant, v := range variants {
			t.Run(name+" "+variant, func(t *testing.T) {
				r := newRig(t, v, 1000, 460)
				do(r)
				r.drain()
				test.AssertRendersToImage(t, strings.ReplaceAll(name+"-"+variant, " ", "-")+".png", r.window.Canvas())
			})
		}
	}
}

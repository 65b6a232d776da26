package messagelog

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/theme"

	"relayscope/relayclient/journal"
)

// A recorded is a journal that this pane had recorded.
type recorded struct {
	recording *journal.Recording
	before    uint64 // rows that were dropped before it began
	told      bool   // the person knows why it ended
}

// everyRun reports whether each log is recorded from its start.
func everyRun() bool { return prefs().Bool(everyRunKey) }

// recordEveryRun begins a recording if the person wants one of each run.
func (p *Pane) recordEveryRun() {
	if !everyRun() || p.folder == "" || p.live.Recording() != nil {
		return
	}
	p.recordTo(filepath.Join(p.folder, recordName(p.about.Name, time.Now())))
}

// setEveryRun begins or ends recording each run.
func (p *Pane) setEveryRun(on bool) {
	prefs().SetBool(everyRunKey, on)
	if on {
		p.recordEveryRun()
	}
}

// recordName is what the record of a run is called.
func recordName(profile string, at time.Time) string {
	safe := strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`<>:"/\|?*`, r) {
			return '-'
		}
		return r
	}, profile)
	if safe = strings.Trim(safe, " ."); safe == "" {
		safe = "log"
	}
	return at.Format("2006-01-02 15.04.05 ") + safe + ".jsonl"
}

// recordTo begins a recording to a new file.
func (p *Pane) recordTo(path string) {
	j := p.live
	p.background(func(context.Context) {
		err := os.MkdirAll(filepath.Dir(path), 0o700)
		var r *journal.Recording
		if err == nil {
			r, err = j.Record(path)
		}
		p.opt.OnMain(func() { p.recording(j, r, err) })
	})
}

// recording follows a recording that has begun, or says why it has not.
func (p *Pane) recording(j *journal.Journal, r *journal.Recording, err error) {
	switch {
	case err != nil:
		p.failed("The message log is not recorded", err)
	case p.life.Err() != nil:
		_ = r.Close() // nobody can hear why any more
	default:
		dropped, _ := j.Dropped()
		p.recordings[j] = &recorded{recording: r, before: dropped}
	}
	p.bar.refresh()
}

// askRecord asks where to record to.
func (p *Pane) askRecord() {
	j := p.live
	d := dialog.NewFileSave(func(file fyne.URIWriteCloser, err error) {
		switch {
		case err != nil:
			p.failed("The file cannot be written", err)
		case file != nil:
			p.background(func(context.Context) {
				ownersOnly(file)
				r, err := j.RecordTo(file, file.URI().Path())
				p.opt.OnMain(func() { p.recording(j, r, err) })
			})
		}
	}, p.window())
	d.SetTitleText("Record the message log to")
	d.SetFileName(recordName(p.about.Name, time.Now()))
	p.showFileDialog(d)
}

// toggleRecording begins a recording, or ends it.
func (p *Pane) toggleRecording() {
	if p.recordings[p.live] == nil {
		p.askRecord()
		return
	}
	p.stopRecording()
}

// stopRecording ends the recording of what happens now.
func (p *Pane) stopRecording() {
	j := p.live
	made := p.recordings[j]
	if made == nil {
		return
	}
	delete(p.recordings, j)
	p.background(func(context.Context) {
		err := made.recording.Close()
		p.opt.OnMain(func() {
			status := made.recording.Status()
			if err != nil && !made.told {
				p.failed("The recording is not complete", err)
			} else if err == nil {
				p.notice.set(aboutFile, sentence(count(status.Rows, "row"))+" recorded to "+status.Name, "Copy path", func() {
					p.opt.Copy(status.Name)
					p.notice.hide()
				})
			}
			p.bar.refresh()
		})
	})
	p.bar.refresh()
}

// closeRecordings ends all recordings.
func (p *Pane) closeRecordings() {
	for _, made := range p.recordings {
		_ = made.recording.Close() // nobody can hear why any more
	}
}

// refreshRecord shows whether rows are recorded, and says when that ended by
// itself.
func (b *bar) refreshRecord() {
	made := b.pane.recordings[b.pane.live]
	if made == nil {
		b.button(b.record, "Record", false)
		b.dot(theme.ColorNameForeground)
		setEnabled(b.record, b.pane.live != nil && !b.pane.isFile())
		return
	}
	status := made.recording.Status()
	b.button(b.record, shortName(filepath.Base(status.Name)), true)
	b.dot(theme.ColorNameError)
	if status.Ended && status.Err != nil && !made.told {
		made.told = true
		b.pane.failed("The recording has ended; the log goes on", status.Err)
	}
}

// dot gives the button's icon a colour.
func (b *bar) dot(name fyne.ThemeColorName) {
	if b.dotIs != name {
		b.dotIs = name
		b.record.SetIcon(theme.NewColoredResource(theme.MediaRecordIcon(), name))
	}
}

// shortName shortens the name of a file in its middle.
func shortName(name string) string {
	const most = 22
	if r := []rune(name); len(r) > most {
		return string(r[:most/2-1]) + "…" + string(r[len(r)-most/2:])
	}
	return name
}

// recordMenu is what the button offers.
func (p *Pane) recordMenu() {
	every := item("Record every run", p.folder == "", func() { p.setEveryRun(!everyRun()) })
	every.Checked = everyRun()
	made := p.recordings[p.live]
	if made == nil {
		p.popUp(under(p.bar.record), item("Record to a file…", false, p.askRecord), every)
		return
	}
	status := made.recording.Status()
	about := fmt.Sprintf("%s, %s, in", count(status.Rows, "row"), sizeText(status.Bytes))
	p.popUp(under(p.bar.record),
		item("Stop recording", false, p.stopRecording), fyne.NewMenuItemSeparator(),
		item(about, true, nil), item(status.Name, true, nil),
		item("Copy its path", false, func() { p.opt.Copy(status.Name) }), fyne.NewMenuItemSeparator(), every)
}

// kept says where rows that were dropped are kept; "" if they are gone.
func (p *Pane) kept() string {
	made := p.recordings[p.live]
	if made == nil || p.isFile() || made.before > 0 || made.recording.Status().Err != nil {
		return ""
	}
	return ", kept in " + filepath.Base(made.recording.Status().Name)
}

// askOpen asks for a recorded file.
func (p *Pane) askOpen() {
	d := dialog.NewFileOpen(func(file fyne.URIReadCloser, err error) {
		switch {
		case err != nil:
			p.failed("The file cannot be opened", err)
		case file != nil:
			path := file.URI().Path()
			file.Close()
			p.OpenFile(path)
		}
	}, p.window())
	d.SetTitleText("Open a recorded message log")
	d.SetFilter(storage.NewExtensionFileFilter([]string{".jsonl"}))
	if folder, err := storage.ListerForURI(storage.NewFileURI(p.folder)); p.folder != "" && err == nil {
		d.SetLocation(folder)
	}
	p.showFileDialog(d)
}

// OpenFile shows the rows of a recorded file, until it is closed.
func (p *Pane) OpenFile(path string) {
	p.background(func(context.Context) {
		f, err := journal.Open(path)
		p.opt.OnMain(func() {
			switch {
			case err != nil:
				p.failed("“"+filepath.Base(path)+"” cannot be opened", err)
			case p.life.Err() != nil:
				_ = f.Close()
			default:
				p.releaseFile()
				p.file = f
				p.conn = ""
				p.use(f)
				p.list.SetFollow(false)
				p.list.ScrollTo(1)
				p.refreshBanner()
			}
		})
	})
}

// closeFile shows again what happens now.
func (p *Pane) closeFile() {
	if p.file == nil {
		return
	}
	p.conn = ""
	p.use(p.live)
	p.releaseFile()
	p.refreshBanner()
}

// releaseFile closes the file that was shown, if there was one.
func (p *Pane) releaseFile() {
	if f := p.file; f != nil {
		p.file = nil
		p.background(func(context.Context) { _ = f.Close() }) // it was only read
	}
}

// refreshBanner says which file is shown, and how far it was read.
func (p *Pane) refreshBanner() {
	if p.file == nil {
		p.banner.hide()
		return
	}
	state := p.file.Progress()
	text := "Recorded file " + filepath.Base(p.file.Path()) + " · " + sizeText(state.Size)
	switch {
	case state.Err != nil:
		text += " · the rest cannot be read: " + state.Err.Error()
	case !state.Done && state.Size > 0:
		text += fmt.Sprintf(" · %d %% read", state.Bytes*100/state.Size)
	}
	if state.Broken > 0 {
		lines := p.file.Broken()
		text += fmt.Sprintf(" · %s cannot be read, the first is line %d", count(uint64(state.Broken), "line"), lines[0].Line)
	}
	p.banner.set(aboutFile, text+" · in "+filepath.Dir(p.file.Path()), "Close file", p.closeFile)
}

// sentence begins with a capital.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

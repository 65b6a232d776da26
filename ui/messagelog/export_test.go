package messagelog

import (
	"fyne.io/fyne/v2"

	"relayscope/ui/widgets"
)

// ExportObjects names the parts of the export dialog that is open; nil if none
// is.
func (p *Pane) ExportObjects() map[string]fyne.CanvasObject {
	d := p.export
	if d == nil {
		return nil
	}
	return map[string]fyne.CanvasObject{"rows": d.what, "format": d.format, "path": d.path, "about": d.about, "write": d.write, "close": d.close}
}

// RecordTo records what happens now to a file.
func (p *Pane) RecordTo(path string) { p.recordTo(path) }

// StopRecording ends that.
func (p *Pane) StopRecording() { p.stopRecording() }

// AskExport opens the export dialog.
func (p *Pane) AskExport() { p.askExport() }

// Lines fills dst with the rows from the first on.
func (p *Pane) Lines(dst []widgets.Line) int { return p.source.Lines(1, dst) }

//go:build !windows

package messagelog

import (
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"
)

// What a file dialog has created is nobody else's to read. Windows goes by the
// folder's permissions.
func TestFilesOfDialogsArePrivate(t *testing.T) {
	test.NewTempApp(t)
	path := filepath.Join(t.TempDir(), "rows.jsonl")
	file, err := storage.Writer(storage.NewFileURI(path))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	ownersOnly(file)
	if about, err := os.Stat(path); err != nil || about.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", about.Mode(), err)
	}
}

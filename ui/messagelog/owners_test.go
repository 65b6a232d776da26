package messagelog

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"
)

// What a file dialog has created is nobody else's to read.
func TestFilesOfDialogsArePrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows goes by the folder's permissions")
	}
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

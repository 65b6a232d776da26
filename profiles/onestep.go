package profiles

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// writeInOneStep replaces the file at path by data, readable by its owner
// alone. Whatever happens in between, the file is the old one or the new one.
func writeInOneStep(path string, data []byte) (err error) {
	dir, name := filepath.Split(path)
	f, err := os.CreateTemp(dir, "."+name+"-*")
	if err != nil {
		return classifyFile(err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
			err = classifyFile(err)
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	if err = f.Sync(); err != nil { // or a power cut leaves an empty file under the name
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// classifyFile puts one of the sentinels before an error of the file system.
func classifyFile(err error) error {
	if errno, ok := asErrno(err); ok && diskFull(errno) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return fmt.Errorf("%w: %w", ErrFile, err)
}

// diskFull knows ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL of Windows by
// their numbers.
func diskFull(errno syscall.Errno) bool {
	if runtime.GOOS == "windows" {
		return errno == 112 || errno == 39
	}
	return errno == syscall.ENOSPC || errno == syscall.EDQUOT
}

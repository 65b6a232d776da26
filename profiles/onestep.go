package profiles

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// writeInOneStep replaces the file at path by data, readable by its owner
// alone, and returns what the new file is known by. Whatever happens in
// between, the file is the old one or the new one.
func writeInOneStep(path string, data []byte) (info fs.FileInfo, err error) {
	dir, name := filepath.Split(path)
	f, err := os.CreateTemp(dir, "."+name+"-*")
	if err != nil {
		return nil, classifyFile(err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
			err = classifyFile(err)
		}
	}()
	if _, err = f.Write(data); err != nil {
		return nil, err
	}
	if err = f.Sync(); err != nil { // or a power cut leaves an empty file under the name
		return nil, err
	}
	if info, err = f.Stat(); err != nil {
		return nil, err
	}
	if err = f.Close(); err != nil {
		return nil, err
	}
	return info, replace(f.Name(), path)
}

// WriteFile puts data into a file of the program's own, readable by its owner
// alone, and makes its folder if there is none. Whatever happens in between,
// the file is the old one or the new one.
func WriteFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return classifyFile(err)
	}
	_, err := writeInOneStep(path, data)
	return err
}

// replace renames a file over another. Windows refuses while somebody reads
// the other one, which takes other copies of the program a moment.
func replace(from, to string) error {
	err := os.Rename(from, to)
	for n := 0; err != nil && runtime.GOOS == "windows" && n < 10; n++ {
		time.Sleep(20 * time.Millisecond)
		err = os.Rename(from, to)
	}
	return err
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

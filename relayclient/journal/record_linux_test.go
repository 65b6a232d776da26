package journal_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"relayscope/relayclient/journal"
)

// Linux has a disk that is always full.
func TestAFullDiskEndsTheRecordOnly(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	j := journal.New(5, 0)
	r, err := j.RecordTo(full, "/mnt/log.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for range 1_000 {
		j.Append(journal.Row{Payload: bytes.Repeat([]byte("x"), 1000)})
	}
	err = r.Close()
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "the record /mnt/log.jsonl ends after 0 rows: no space left") {
		t.Errorf("Close = %v", err)
	}
	if s := r.Status(); !s.Ended || s.Err == nil {
		t.Errorf("status %+v", s)
	}
	wantBounds(t, j, 996, 1_000)
}

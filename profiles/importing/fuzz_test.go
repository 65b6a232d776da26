package importing_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"relayscope/profiles/importing"
)

// FuzzRead gives every parser whatever comes: each file is read or refused
// with a FileError, and nothing but the profiles holds the samples' key.
func FuzzRead(f *testing.F) {
	entries, err := os.ReadDir("testdata")
	if err != nil {
		f.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() {
			f.Add(sample(f, e.Name()))
		}
	}
	f.Add([]byte("{\"a\":[{\"b\":\"" + key + "\"}]}"))
	f.Add([]byte("LocalForward: &a [*a]\nRemoteForward: *a\n"))
	f.Add([]byte("AzureRelayEndpoint: 0"))
	f.Add([]byte(`{"format":"relayscope profiles","v":1,"profiles":[{"profile":{"id":"x","name":"x","signIn":{}}}]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		r, err := importing.Read("file", content)
		if err != nil {
			e, ok := errors.AsType[*importing.FileError](err)
			if !ok || e.Err == nil || e.Problem == "" || strings.Contains(err.Error(), key) {
				t.Fatalf("error %#v", err)
			}
			return
		}
		if r.Format == 0 {
			t.Error("read without a format")
		}
		for _, x := range r.Found {
			if x.Profile.ID == "" || x.Line < 0 {
				t.Errorf("found %v in line %d", x.Profile, x.Line)
			}
		}
		for _, i := range r.Ignored {
			if i.What == "" || i.Why == "" {
				t.Errorf("ignored %+v", i)
			}
		}
		_ = fmt.Sprintf("%+v", r)
	})
}

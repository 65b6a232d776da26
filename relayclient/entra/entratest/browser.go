package entratest

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

// asBrowser makes a test binary be the browser of a person who signs in at
// once.
const asBrowser = "RELAYSCOPE_TEST_AS_BROWSER"

// Browser returns a folder with a browser in it, under the name that programs
// open one by, and the variable that it needs. TestMain must call BeBrowser.
func Browser(t testing.TB) (folder, variable string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder = t.TempDir()
	if err := os.Symlink(self, filepath.Join(folder, "xdg-open")); err != nil {
		t.Fatal(err)
	}
	return folder, asBrowser + "=1"
}

// BeBrowser makes this process the browser, if it was started as one, and ends
// it.
func BeBrowser() {
	if os.Getenv(asBrowser) == "" || len(os.Args) != 2 || filepath.Base(os.Args[0]) != "xdg-open" {
		return
	}
	if err := signIn(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// signIn sends the answer that the page at address would send.
func signIn(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	q := u.Query()
	resp, err := http.PostForm(q.Get("redirect_uri"), url.Values{"code": {"code"}, "state": {q.Get("state")}})
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

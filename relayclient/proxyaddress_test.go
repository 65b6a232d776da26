package relayclient_test

import (
	"strings"
	"testing"

	"relayscope/relayclient"
)

func TestParseProxy(t *testing.T) {
	for text, want := range map[string]string{
		"proxy.example:3128":                      "http://proxy.example:3128",
		"proxy.example":                           "http://proxy.example",
		"http://proxy.example:3128/":              "http://proxy.example:3128",
		"HTTPS://proxy.example":                   "https://proxy.example",
		"socks5://10.0.0.1:1080":                  "socks5://10.0.0.1:1080",
		"socks5h://[::1]:1080":                    "socks5h://[::1]:1080",
		"eve:s3cret@proxy.example:3128":           "http://eve:s3cret@proxy.example:3128",
		"http://eve:p%40ss%2F@proxy.example:3128": "http://eve:p%40ss%2F@proxy.example:3128",
	} {
		if u, err := relayclient.ParseProxy(text); err != nil || u.String() != want {
			t.Errorf("ParseProxy(%q) = %v, %v; want %s", text, u, err, want)
		}
	}
	for text, want := range map[string]string{
		"ftp://s3cret@proxy.example":           "must begin with",
		"socks4://s3cret.example":              "must begin with",
		"http://eve:s3cret/word@proxy.example": "in a name or password",
		"http://eve:s3cret#@proxy.example":     "in a name or password",
		"http://eve:s3cret%@proxy.example":     "in a name or password",
		"http://proxy.example/s3cret":          "after its host",
		"http://proxy.example?s3cret":          "after its host",
		"http://eve:s3cret@":                   "no host",
		"":                                     "no host",
		"http://s3cret.example:99999":          "port",
		"http://s3cret.example:0":              "port",
		"http://s3cret.example:":               "port",
		"http://s3cret .example":               "a space",
		"http://s3cret\u200b.example":          "invisible",
	} {
		u, err := relayclient.ParseProxy(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseProxy(%q) = %v, %v; want an error with %q", text, u, err, want)
		} else if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("ParseProxy(%q): the error quotes it: %v", text, err)
		}
	}
}

package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// TestFailures looks at what a person gets to read when it does not work.
func TestFailures(t *testing.T) {
	r := localrelaytest.New(t)
	ca := caFile(t, r)
	hyco := connectionString(t, r, "hyco", "both")
	root := connectionString(t, r, "", "root")
	change := func(cs relayclient.ConnectionString, with func(*relayclient.ConnectionString)) string {
		with(&cs)
		return cs.Reveal()
	}
	wrongKey := change(hyco, func(cs *relayclient.ConnectionString) { cs.Key = localrelay.NewKey() })
	unknown := change(root, func(cs *relayclient.ConnectionString) { cs.HybridConnection = "nowhere" })
	token, err := relayclient.SharedAccessKey{KeyName: hyco.KeyName, Key: hyco.Key, Lifetime: -time.Hour}.Token(t.Context(), relayclient.Audience(hyco.Namespace, "hyco"))
	if err != nil {
		t.Fatal(err)
	}
	expired := change(hyco, func(cs *relayclient.ConnectionString) {
		*cs = relayclient.ConnectionString{Namespace: cs.Namespace, HybridConnection: "hyco", Token: token.Value}
	})
	mistyped := strings.Replace(hyco.Reveal(), "SharedAccessKey=", "SharedAcessKey=", 1)
	anonymous := "Endpoint=sb://" + r.Namespace() + "/;EntityPath=hyco"
	garbage := t.TempDir() + "/garbage.pem"
	if err := os.WriteFile(garbage, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		command, text, ca, title string
	}{
		"wrong key, listener":             {"listen", wrongKey, ca, "The relay does not accept the key"},
		"wrong key, sender":               {"send", wrongKey, ca, "The relay does not accept the key"},
		"unknown name, listener":          {"listen", unknown, ca, "There is no such hybrid connection"},
		"unknown name, sender":            {"send", unknown, ca, "There is no such hybrid connection"},
		"no listener":                     {"send", hyco.Reveal(), ca, "Nobody is listening"},
		"expired token, listener":         {"listen", expired, ca, "The token has expired"},
		"expired token, sender":           {"send", expired, ca, "The token has expired"},
		"untrusted certificate, listener": {"listen", hyco.Reveal(), "", "The certificate is not trusted"},
		"untrusted certificate, sender":   {"send", hyco.Reveal(), "", "The certificate is not trusted"},
		"mistyped connection string":      {"send", mistyped, ca, "This connection string cannot be used"},
		"a key alone":                     {"send", hyco.Key.Reveal(), ca, "This connection string cannot be used"},
		"no variable":                     {"listen", "", ca, "The environment variable CS is not set"},
		"a namespace's string":            {"send", root.Reveal(), ca, "The connection string does not name a hybrid connection"},
		"no token, listener":              {"listen", anonymous, ca, "A listener has to sign in"},
		"no token, sender":                {"send", anonymous, ca, "The relay wants a token"},
		"no file with certificates":       {"send", hyco.Reveal(), ca + ".missing", "The file with CA certificates cannot be read"},
		"file without certificates":       {"send", hyco.Reveal(), garbage, "The file with CA certificates holds none that can be used"},
	} {
		t.Run(name, func(t *testing.T) {
			args := []string{"--verbose", tt.command, "--json", "--connection-string-env=CS"}
			if tt.ca != "" {
				args = append(args, "--ca-file="+tt.ca)
			}
			got := relayscope(t, []string{"CS=" + tt.text}, args...)
			wantStatus(t, got, exitFailed)
			outline(t, got.lines) // they parse
			_, words, found := strings.Cut(got.stderr, "relayscope: ")
			if !found || !strings.HasPrefix(words, tt.title+".\n") || !strings.Contains(words, "\nNext: ") {
				t.Errorf("standard error has\n%s\nwant %q and what to do next", got.stderr, tt.title)
			}
		})
	}
}

package main

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"relayscope/relayclient/entra/entratest"
)

// A hushed secret is one that must not be seen, in any shape.
type hushed struct{ text string }

func hush(what string) hushed { return hushed{"Hush/" + what + "+8fJq2Zw~x="} }

// foundIn reports whether text has the secret as it is or as encodings that
// are easily undone.
func (h hushed) foundIn(text string) bool {
	shapes := []string{h.text, url.QueryEscape(h.text), url.PathEscape(h.text), hex.EncodeToString([]byte(h.text))}
	// In base64 what stands before it shifts the letters.
	for shift := range 3 {
		encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(" ", shift) + h.text))
		shapes = append(shapes, encoded[4:len(encoded)-4])
	}
	lower := strings.ToLower(text)
	return slices.ContainsFunc(shapes, func(s string) bool { return strings.Contains(lower, strings.ToLower(s)) })
}

func TestHushedSecretsAreFound(t *testing.T) {
	h := hush("key")
	for _, text := range []string{
		"sig " + h.text, url.QueryEscape("a=" + h.text), fmt.Sprintf("%x", h.text), strings.ToUpper(h.text),
		base64.StdEncoding.EncodeToString([]byte("user:" + h.text)), base64.StdEncoding.EncodeToString([]byte("x" + h.text + "!")),
	} {
		if !h.foundIn(text) {
			t.Errorf("it is not found in %q", text)
		}
	}
	if h.foundIn("[redacted]") {
		t.Error("it is found where it is not")
	}
}

// Whatever a person gave to sign in, and whatever went wrong then, neither
// output nor the log tells it.
func TestNoSecretShowsInTrouble(t *testing.T) {
	a, r, ca := signInWorld(t)
	key, token, secret, password, header, proxy := hush("key"), hush("token"), hush("secret"), hush("password"), hush("header"), hush("proxy")
	pfx := t.TempDir() + "/identity.pfx"
	if err := os.WriteFile(pfx, []byte(base64.StdEncoding.EncodeToString([]byte("no PFX"))), 0o600); err != nil {
		t.Fatal(err)
	}
	sas := fmt.Sprintf("SharedAccessSignature sr=http%%3A%%2F%%2F%s%%2Fhyco&sig=%s&se=%d&skn=both", url.QueryEscape(r.Namespace()), url.QueryEscape(token.text), time.Now().Add(time.Hour).Unix())
	at := []string{"--ca-file=" + ca, "--namespace=" + r.Namespace(), "--hybrid-connection=hyco"}
	principal := []string{"--tenant=" + entratest.Tenant, "--client-id=" + testerApp, "--authority=" + a.URL}
	for name, tt := range map[string]struct {
		secret hushed
		env    []string
		args   []string
	}{
		"key":         {key, []string{"KEY=" + key.text}, append(at, "--sign-in=key", "--key-name=both", "--key-env=KEY")},
		"token":       {token, []string{"TOKEN=" + sas}, append(at, "--sign-in=token", "--token-env=TOKEN")},
		"secret":      {secret, []string{"SECRET=" + secret.text}, append(append(at, "--sign-in=secret", "--client-secret-env=SECRET"), principal...)},
		"certificate": {password, []string{"PASSWORD=" + password.text}, append(append(at, "--sign-in=certificate", "--certificate-file="+pfx, "--certificate-password-env=PASSWORD"), principal...)},
		"managed identity": {header, []string{"IDENTITY_ENDPOINT=http://127.0.0.1:1/", "IDENTITY_HEADER=" + header.text},
			append(at, "--sign-in=managed-identity")},
		"connection string": {key, []string{"CS=Endpoint=sb://" + r.Namespace() + "/;EntityPath=hyco;SharedAccessKeyName=both;SharedAccessKey=" + key.text},
			[]string{"--ca-file=" + ca, "--connection-string-env=CS"}},
		"damaged connection string": {key, []string{"CS=Endpoint=sb://" + r.Namespace() + "/;EntityPath=hyco,SharedAccessKey=" + key.text + ";;x"},
			[]string{"--ca-file=" + ca, "--connection-string-env=CS"}},
		"proxy": {proxy, []string{"KEY=" + key.text, "PROXY=http://user:" + url.QueryEscape(proxy.text) + "@127.0.0.1:1"},
			append(at, "--sign-in=key", "--key-name=both", "--key-env=KEY", "--proxy-env=PROXY")},
		"damaged proxy": {proxy, []string{"KEY=" + key.text, "PROXY=http://user:" + proxy.text + " @127.0.0.1:no"},
			append(at, "--sign-in=key", "--key-name=both", "--key-env=KEY", "--proxy-env=PROXY")},
	} {
		for _, command := range [][]string{{"listen"}, {"send", "--text=hello"}, {"test"}, {"test", "--json"}, {"send", "--json"}} {
			t.Run(name+"/"+strings.Join(command, " "), func(t *testing.T) {
				t.Parallel()
				got := relayscope(t, tt.env, append(append([]string{"--verbose"}, command...), tt.args...)...)
				if got.status != exitFailed {
					t.Errorf("exit status is %d, want %d", got.status, exitFailed)
				}
				all := strings.Join(got.lines, "\n") + got.stderr
				if all == "" {
					t.Error("it said nothing at all")
				}
				if tt.secret.foundIn(all) {
					t.Errorf("the secret is in the output:\n%s", all)
				}
			})
		}
	}
}

// When the program dies, the Go runtime prints the stacks of all goroutines.
func TestNoSecretShowsInACrash(t *testing.T) {
	_, r, ca := signInWorld(t)
	cs := connectionString(t, r, "hyco", "both")
	p := start(t, []string{"KEY=" + cs.Key.Reveal(), "GOTRACEBACK=all"}, "--verbose", "listen", "--ca-file="+ca, "--namespace="+r.Namespace(),
		"--hybrid-connection=hyco", "--sign-in=key", "--key-name="+cs.KeyName, "--key-env=KEY")
	p.line(t, "online")
	p.signal(t, syscall.SIGQUIT)
	got := p.wait(t)
	if !strings.Contains(got.stderr, "goroutine ") {
		t.Fatalf("it did not print its stacks: %s", got.stderr)
	}
	if (hushed{cs.Key.Reveal()}).foundIn(got.stderr) {
		t.Error("the key is in what a crash prints")
	}
	wantNoSecret(t, got)
}

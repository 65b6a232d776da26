package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/entra/entratest"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

const (
	testerApp    = "0a1b2c3d-0000-4000-8000-000000000001"
	testerObject = "0a1b2c3d-0000-4000-8000-000000000002"
	testerSecret = "s3cret~value.of-the-application"
)

// signInWorld is an authority and a relay that believes it. The file has the
// certificates of both.
func signInWorld(t *testing.T) (a *entratest.Authority, r *localrelay.Relay, ca string) {
	t.Helper()
	a = entratest.NewAuthority(t)
	a.Add(entratest.Client{ID: testerApp, ObjectID: testerObject, Name: "Relay tester", Secret: testerSecret})
	a.Allow(testerObject, localrelay.Listen|localrelay.Send)
	r = localrelaytest.New(t, func(cfg *localrelay.Config) { cfg.Issuers = append(cfg.Issuers, a.Issuer()) })
	ca = t.TempDir() + "/ca.pem"
	if err := os.WriteFile(ca, append(r.CertificatePEM(), a.CertificatePEM()...), 0o600); err != nil {
		t.Fatal(err)
	}
	return a, r, ca
}

// exchange lets a listener and a sender meet that sign in with the same options,
// and returns what the sender printed as JSON.
func exchange(t *testing.T, env []string, args ...string) result {
	t.Helper()
	l := start(t, env, append([]string{"listen", "--echo"}, args...)...)
	l.line(t, "online")
	return relayscope(t, env, append([]string{"send", "--json", "--text=hello", "--expect-reply"}, args...)...)
}

func TestSignInFromTheCommandLine(t *testing.T) {
	a, r, ca := signInWorld(t)
	at := []string{"--ca-file=" + ca, "--namespace=" + r.Namespace(), "--hybrid-connection=hyco"}
	cs := connectionString(t, r, "hyco", "both")
	sas, err := relayclient.SharedAccessKey{KeyName: cs.KeyName, Key: cs.Key}.Token(t.Context(), relayclient.Audience(cs.Namespace, "hyco"))
	if err != nil {
		t.Fatal(err)
	}
	user := entratest.Managed{ClientID: testerApp, ObjectID: testerObject, ResourceID: "/subscriptions/S/x/relay-tester"}
	service := entratest.NewAppService(t, a, entratest.Managed{ClientID: "other", ObjectID: "other"}, user)
	appService := []string{"IDENTITY_ENDPOINT=" + service.URL, "IDENTITY_HEADER=endpoint-secret"}
	folder := t.TempDir()
	text, expires := a.Token(testerObject, "https://relay.azure.net", map[string]any{"upn": "ada@contoso.example"})
	script := fmt.Sprintf("#!/bin/sh\necho '{\"accessToken\":\"%s\",\"expires_on\":%d}'\n", text, expires.Unix())
	if err := os.WriteFile(filepath.Join(folder, "az"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		env  []string
		args []string
		as   string
	}{
		"secret": {[]string{"SECRET=" + testerSecret}, append(at, "--sign-in=secret", "--tenant="+entratest.Tenant, "--client-id="+testerApp, "--client-secret-env=SECRET", "--authority="+a.URL),
			"Relay tester (object " + testerObject + ")"},
		"managed identity by client ID":   {appService, append(at, "--sign-in=managed-identity", "--identity-id="+testerApp), "relay-tester (object " + testerObject + "), by App Service"},
		"managed identity by object ID":   {appService, append(at, "--sign-in=managed-identity", "--identity-id=object:"+testerObject), "relay-tester (object " + testerObject + "), by App Service"},
		"managed identity by resource ID": {appService, append(at, "--sign-in=managed-identity", "--identity-id="+user.ResourceID), "relay-tester (object " + testerObject + "), by App Service"},
		"managed identity in the connection string": {
			append(appService, "CS=Endpoint=sb://"+r.Namespace()+"/;EntityPath=hyco;Authentication=Managed Identity"),
			[]string{"--ca-file=" + ca, "--connection-string-env=CS", "--identity-id=" + testerApp}, "relay-tester (object " + testerObject + "), by App Service"},
		"Azure CLI": {[]string{"PATH=" + folder}, append(at, "--sign-in=cli"), "ada@contoso.example (object " + testerObject + "), by the Azure CLI"},
		"key":       {[]string{"KEY=" + cs.Key.Reveal()}, append(at, "--sign-in=key", "--key-name="+cs.KeyName, "--key-env=KEY"), ""},
		"token":     {[]string{"TOKEN=" + sas.Value.Reveal()}, append(at, "--sign-in=token", "--token-env=TOKEN"), ""},
		"key in a namespace's string": {[]string{"CS=" + connectionString(t, r, "", "root").Reveal()},
			[]string{"--ca-file=" + ca, "--connection-string-env=CS", "--hybrid-connection=hyco"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := exchange(t, tt.env, tt.args...)
			wantStatus(t, got, exitOK)
			var first reportLine
			if err := json.Unmarshal([]byte(got.lines[0]), &first); err != nil {
				t.Fatal(err)
			}
			if tt.as == "" && first.Event != "connected" || tt.as != "" && (first.Event != "signed-in" || first.As != tt.as || first.ObjectID != testerObject || first.Expires == nil) {
				t.Errorf("it begins with %s\nwant that it signed in as %q", got.lines[0], tt.as)
			}
			if all := strings.Join(got.lines, "") + got.stderr; strings.Contains(all, testerSecret) || strings.Contains(all, text) || strings.Contains(all, "endpoint-secret") {
				t.Error("a secret was printed")
			}
		})
	}
}

func TestDeviceCodeOnTheTerminal(t *testing.T) {
	a, r, ca := signInWorld(t)
	a.Approve()
	got := relayscope(t, nil, "send", "--ca-file="+ca, "--namespace="+r.Namespace(), "--hybrid-connection=hyco", "--sign-in=device-code",
		"--tenant="+entratest.Tenant, "--client-id="+testerApp, "--authority="+a.URL)
	wantStatus(t, got, exitFailed)
	if !strings.HasPrefix(got.stderr, "To sign in, use a web browser") || !strings.Contains(got.stderr, "Nobody is listening") {
		t.Errorf("standard error has %q, want what to do, then that nobody listens", got.stderr)
	}
	if len(got.lines) == 0 || !strings.Contains(got.lines[0], "signed-in   as Relay tester (object "+testerObject+")") {
		t.Errorf("it printed %q, want as whom first", got.lines)
	}
}

func TestAnonymousSender(t *testing.T) {
	r := localrelaytest.New(t)
	online(t, r, "open", "listen", "--echo")
	args := []string{"--ca-file=" + caFile(t, r), "--namespace=" + r.Namespace(), "--sign-in=anonymous"}
	wantStatus(t, relayscope(t, nil, append([]string{"send", "--hybrid-connection=open", "--text=hello", "--expect-reply"}, args...)...), exitOK)
	got := relayscope(t, nil, append([]string{"listen", "--hybrid-connection=open"}, args...)...)
	wantStatus(t, got, exitFailed)
	if !strings.Contains(got.stderr, "A listener has to sign in") {
		t.Errorf("standard error has %q", got.stderr)
	}
}

func TestSignInThatIsRefused(t *testing.T) {
	a, r, ca := signInWorld(t)
	a.Add(entratest.Client{ID: "no-role", ObjectID: "no-role", Secret: testerSecret})
	secret := func(more ...string) []string {
		return append([]string{"--ca-file=" + ca, "--namespace=" + r.Namespace(), "--hybrid-connection=hyco", "--sign-in=secret", "--client-secret-env=SECRET", "--authority=" + a.URL}, more...)
	}
	for name, tt := range map[string]struct {
		secret string
		args   []string
		title  string
	}{
		"wrong secret":   {"wrong", secret("--tenant="+entratest.Tenant, "--client-id="+testerApp), "The client secret is wrong"},
		"unknown tenant": {testerSecret, secret("--tenant=fabrikam.example", "--client-id="+testerApp), "There is no such tenant"},
		"unknown client": {testerSecret, secret("--tenant="+entratest.Tenant, "--client-id=nobody"), "There is no such application in this tenant"},
		"no role":        {testerSecret, secret("--tenant="+entratest.Tenant, "--client-id=no-role"), "The identity lacks the role Azure Relay "},
		"no secret":      {"", secret("--tenant="+entratest.Tenant, "--client-id="+testerApp), "The environment variable SECRET is not set"},
		"no certificate": {"", []string{"--namespace=x.servicebus.windows.net", "--hybrid-connection=hyco", "--sign-in=certificate", "--tenant=x", "--client-id=x", "--certificate-file=/nowhere"}, "The client certificate cannot be read"},
		"no agent":       {"", []string{"--namespace=x.servicebus.windows.net", "--hybrid-connection=hyco", "--sign-in=managed-identity"}, "Managed identities cannot be reached"},
		"no CLI":         {"", []string{"--namespace=x.servicebus.windows.net", "--hybrid-connection=hyco", "--sign-in=cli"}, "The Azure CLI is not installed"},
	} {
		for _, command := range []string{"listen", "send"} {
			t.Run(name+", "+command, func(t *testing.T) {
				began := time.Now()
				got := relayscope(t, []string{"SECRET=" + tt.secret, "IDENTITY_ENDPOINT=http://127.0.0.1:1", "IDENTITY_HEADER=x"}, append([]string{command}, tt.args...)...)
				wantStatus(t, got, exitFailed)
				if !strings.Contains(got.stderr, "relayscope: "+tt.title) || !strings.Contains(got.stderr, "\nNext: ") {
					t.Errorf("standard error has\n%s\nwant %q and what to do next", got.stderr, tt.title)
				}
				if name == "no role" && !strings.Contains(got.stderr, `To assign it: az role assignment create --assignee-object-id "no-role"`) {
					t.Errorf("standard error has\n%s\nwant the command that assigns the role", got.stderr)
				}
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("it took %v", took)
				}
			})
		}
	}
}

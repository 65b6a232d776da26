package entra_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient/entra"
	"relayscope/relayclient/entra/entratest"
)

// fakeCLI puts an az in front of everything else that runs what script says.
func fakeCLI(t *testing.T, script string) { fakeProgram(t, "az", script) }

func fakeProgram(t *testing.T, name, script string) {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder+":"+os.Getenv("PATH"))
}

// fakeDeveloperCLI makes azd the only CLI.
func fakeDeveloperCLI(t *testing.T, script string) {
	t.Helper()
	t.Setenv("PATH", "/usr/bin:/bin")
	if path, err := exec.LookPath("az"); err == nil {
		t.Fatalf("%s is the Azure CLI, which goes first: this test needs a system without it there", path)
	}
	fakeProgram(t, "azd", script)
}

func TestAzureCLIReachesTheRelay(t *testing.T) {
	a := newAuthority(t)
	text, expires := a.Token(objectID, "https://relay.azure.net", map[string]any{"upn": "ada@contoso.example", "appid": "04b07795-8ddb-461a-bbee-02f9e1bf7b46", "scp": "user_impersonation"})
	fakeCLI(t, fmt.Sprintf(`[ "$*" = "account get-access-token -o json --resource https://relay.azure.net --tenant contoso.example" ] || { echo "ERROR: $*" >&2; exit 1; }
echo '{"accessToken":"%s","expires_on":%d}'`, text, expires.Unix()))
	p := ready(t)(entra.AzureCLI(entra.Config{Tenant: "contoso.example"}))
	wantMeeting(t, a, p)
	if got := p.Identity(); got.Name != "ada@contoso.example" || !got.Person || got.Source != entra.FromCLI {
		t.Errorf("identity is %+v", got)
	}
}

func TestAzureCLIThatCannot(t *testing.T) {
	for name, tt := range map[string]struct {
		script string
		want   entra.Kind
		code   int
	}{
		"signed out":     {`echo "ERROR: Please run 'az login' to setup account." >&2; exit 1`, entra.CLISignedOut, 0},
		"login too old":  {`echo "AADSTS700082: The refresh token has expired due to inactivity." >&2; exit 1`, entra.LoginNeeded, 700082},
		"wrong audience": {`echo "ERROR: AADSTS500011: The resource principal was not found." >&2; exit 1`, entra.WrongAudience, 500011},
		"not installed":  {`exit 127`, entra.CLIMissing, 0},
		"broken":         {`echo "Traceback" >&2; exit 1`, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			fakeCLI(t, tt.script)
			got := refusal(t, ready(t)(entra.AzureCLI(entra.Config{})))
			if got.Kind != tt.want || got.Code != tt.code || got.Source != entra.FromCLI {
				t.Errorf("got kind %v, code %d: %v; want %v, %d", got.Kind, got.Code, got, tt.want, tt.code)
			}
			if strings.Contains(got.Error(), "aka.ms") || strings.Contains(got.Description, "\n") {
				t.Errorf("the words are not tidied up: %q", got.Description)
			}
		})
	}
}

func TestDeveloperCLIReachesTheRelay(t *testing.T) {
	a := newAuthority(t)
	text, expires := a.Token(objectID, "https://relay.azure.net", map[string]any{"upn": "ada@contoso.example", "scp": "user_impersonation"})
	fakeDeveloperCLI(t, fmt.Sprintf(`[ "$*" = "auth token -o json --no-prompt --scope https://relay.azure.net/.default --tenant-id contoso.example" ] || { echo "$*" >&2; exit 1; }
echo '{"token":"%s","expiresOn":"%s"}'`, text, expires.UTC().Format("2006-01-02T15:04:05Z")))
	p := ready(t)(entra.AzureCLI(entra.Config{Tenant: "contoso.example"}))
	wantMeeting(t, a, p)
	if got := p.Identity(); got.Name != "ada@contoso.example" || !got.Person || got.Source != entra.FromDeveloperCLI {
		t.Errorf("identity is %+v", got)
	}
}

func TestDeveloperCLIThatCannot(t *testing.T) {
	for name, tt := range map[string]struct {
		script string
		want   entra.Kind
		code   int
	}{
		"signed out":    {`echo '{"error":"not logged in, run azd auth login to login"}' >&2; exit 1`, entra.CLISignedOut, 0},
		"login too old": {`echo '{"error":"AADSTS700082: The refresh token has expired due to inactivity.","suggestion":"Run azd auth login"}' >&2; exit 1`, entra.LoginNeeded, 700082},
		"broken":        {`echo "Traceback" >&2; exit 1`, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			fakeDeveloperCLI(t, tt.script)
			got := refusal(t, ready(t)(entra.AzureCLI(entra.Config{})))
			if got.Kind != tt.want || got.Code != tt.code || got.Source != entra.FromDeveloperCLI || strings.Contains(got.Error(), "Credential:") {
				t.Errorf("got kind %v, code %d: %v; want %v, %d", got.Kind, got.Code, got, tt.want, tt.code)
			}
		})
	}
}

func TestAzureCLIThatHangs(t *testing.T) {
	fakeCLI(t, "exec sleep 60")
	p := ready(t)(entra.AzureCLI(entra.Config{Timeout: 200 * time.Millisecond}))
	began := time.Now()
	if got := refusal(t, p); got.Kind != entra.TimedOut {
		t.Errorf("got %v, want that the time was over", got)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestDeviceCodeReachesTheRelay(t *testing.T) {
	a := newAuthority(t)
	a.Add(entratest.Client{ID: appID, ObjectID: objectID, Name: "ada@contoso.example"})
	cfg := config(a)
	prompts := make(chan entra.Prompt, 10)
	cfg.Prompt = func(p entra.Prompt) {
		prompts <- p
		a.Approve()
	}
	p := ready(t)(entra.DeviceCode(cfg))
	wantMeeting(t, a, p)
	if got := <-prompts; got.Code != "ABCD1234" || got.URL != "https://microsoft.com/devicelogin" || !strings.Contains(got.Message, got.Code) {
		t.Errorf("the person was shown %+v", got)
	}
	if got := p.Identity(); got.Name != "ada@contoso.example" || !got.Person {
		t.Errorf("identity is %+v", got)
	}
}

func TestMain(m *testing.M) {
	entratest.BeBrowser()
	os.Exit(m.Run())
}

func TestBrowserReachesTheRelay(t *testing.T) {
	a := newAuthority(t)
	a.Add(entratest.Client{ID: appID, ObjectID: objectID, Name: "ada@contoso.example"})
	folder, variable := entratest.Browser(t)
	name, value, _ := strings.Cut(variable, "=")
	t.Setenv("PATH", folder+":"+os.Getenv("PATH"))
	t.Setenv(name, value)
	cfg := config(a)
	var prompts []entra.Prompt // told before Token returns
	cfg.Prompt = func(p entra.Prompt) { prompts = append(prompts, p) }
	p := ready(t)(entra.Browser(cfg))
	wantMeeting(t, a, p)
	if got := p.Identity(); got.Name != "ada@contoso.example" || !got.Person {
		t.Errorf("identity is %+v", got)
	}
	if len(prompts) != 1 || prompts[0].Message == "" {
		t.Errorf("the person was told %+v, want one sentence", prompts)
	}
}

func TestDeviceCodeNobodyEnters(t *testing.T) {
	a := newAuthority(t)
	cfg := config(a)
	cfg.Timeout = 300 * time.Millisecond
	cfg.Prompt = func(entra.Prompt) {}
	if got := refusal(t, ready(t)(entra.DeviceCode(cfg))); got.Kind != entra.TimedOut {
		t.Errorf("got %v, want that the time was over", got)
	}
	cfg.Timeout = 10 * time.Second
	a.Refuse(&entratest.Refusal{Word: "authorization_declined", Description: "The person declined."})
	if got := refusal(t, ready(t)(entra.DeviceCode(cfg))); got.Kind != entra.LoginDeclined {
		t.Errorf("got %v, want that the person declined", got)
	}
	cfg.Prompt = nil
	if _, err := entra.DeviceCode(cfg); err == nil {
		t.Error("a device code that nobody is shown is no error")
	}
}

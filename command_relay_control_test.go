package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relayscope/relayclient"
)

func TestRelayWithFault(t *testing.T) {
	p := start(t, nil, "relay", "--json", "--fault", "refuse:on=connect,status=503,reason=\"busy, sorry\"", "--fault", "refuse:on=connect,status=429")
	ready := parseReady(t, p.line(t, ""))
	cfg := clientConfig(t, ready.Entities[0].Send, ready.CAFile)
	for _, want := range []string{"503 busy, sorry", "429 Too Many Requests", "404 There are no listeners"} {
		if _, err := relayclient.Dial(t.Context(), cfg, relayclient.DialOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	p.signal(t, os.Interrupt)
	if got := p.wait(t); got.status != exitOK || got.stderr != "" {
		t.Errorf("ended with status %d and %q on standard error", got.status, got.stderr)
	}
}

func TestRelayControl(t *testing.T) {
	chosen := filepath.Join(t.TempDir(), "control.json")
	for name, args := range map[string][]string{"default file": nil, "chosen file": {"--control-file", chosen}} {
		t.Run(name, func(t *testing.T) {
			p := start(t, nil, append([]string{"relay", "--json", "--verbose", "--control", "127.0.0.1:0"}, args...)...)
			line := p.line(t, "")
			var ready readyLine
			if err := json.Unmarshal([]byte(line), &ready); err != nil {
				t.Fatal(err)
			}
			info, err := os.Stat(ready.Control)
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Fatalf("the control file is %v, %v; want it for its owner only", info, err)
			}
			if args != nil && ready.Control != chosen {
				t.Errorf("the control file is %s, want %s", ready.Control, chosen)
			}
			text, err := os.ReadFile(ready.Control)
			if err != nil {
				t.Fatal(err)
			}
			var control controlFile
			if err := json.Unmarshal(text, &control); err != nil || len(control.Token) < 20 {
				t.Fatalf("the control file cannot be used: %v", err)
			}
			for token, want := range map[string]int{control.Token: 200, "x": 401} {
				req, err := http.NewRequestWithContext(t.Context(), "POST", control.URL+"/faults", strings.NewReader("cut:after=3"))
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Authorization", "Bearer "+token)
				resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil || resp.StatusCode != want {
					t.Errorf("got %d %s, %v; want %d", resp.StatusCode, body, err, want)
				}
			}
			p.signal(t, os.Interrupt)
			got := p.wait(t)
			if got.status != exitOK {
				t.Errorf("ended with status %d", got.status)
			}
			if strings.Contains(got.stderr+strings.Join(got.lines, ""), control.Token) {
				t.Error("the token was printed")
			}
			if _, err := os.Stat(ready.Control); !os.IsNotExist(err) {
				t.Errorf("the control file is left behind: %v", err)
			}
			if left, err := os.ReadDir(p.tmp); err != nil || len(left) != 0 {
				t.Errorf("temporary files left behind: %v, %v", left, err)
			}
		})
	}
}

func TestRelayControlRefused(t *testing.T) {
	for want, tt := range map[string]struct {
		status int
		args   []string
	}{
		"there is no fault": {exitUsage, []string{"--fault", "explode"}},
		"by=2s":             {exitUsage, []string{"--fault", "cut", "--fault", "delay"}},
		"it acts on the listeners that are online":         {exitUsage, []string{"--fault", "drop"}},
		"--control-file is of no use without --control":    {exitUsage, []string{"--control-file", "x"}},
		"the control endpoint serves this computer only":   {exitUsage, []string{"--control", "0.0.0.0:0"}},
		"give 127.0.0.1:PORT or [::1]:PORT":                {exitUsage, []string{"--control", "localhost:0"}},
		"A fault cannot be armed.":                         {exitFailed, []string{"--fault", "cut:entity=nowhere"}},
		"The control endpoint does not start.\nThe reason": {exitFailed, []string{"--control", "127.0.0.1:0", "--control-file", filepath.Join(t.TempDir(), "none", "c.json")}},
	} {
		got := relayscope(t, nil, append([]string{"relay", "--json"}, tt.args...)...)
		wantStatus(t, got, tt.status)
		if !strings.Contains(got.stderr, want) || len(got.lines) != 0 {
			t.Errorf("%q: printed %q and to standard error %q, want %q", tt.args, got.lines, got.stderr, want)
		}
	}
}

package request_test

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
	"relayscope/relayclient/request"
)

// nasty is what a shell, PowerShell or Go could take for something else.
const nasty = "it's \"quoted\" $HOME `id` ${x} \\n %s !! \n\tsecond line; | & <x> {{y}} \u2019 ü\n"

// hush is what no command may hold.
const hush = "hush-it's-$ecret"

// written are the requests that every tool must send as they are.
func written(t *testing.T) map[string]request.Request {
	t.Helper()
	file := filepath.Join(t.TempDir(), "it's a $body.bin")
	if err := os.WriteFile(file, []byte("from\x00a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	header := http.Header{"X-Nasty": {`it's "quoted" $HOME ` + "`id`" + ` \n`, "second"}, "X-Empty": {""}}
	return map[string]request.Request{
		"get":             {},
		"nasty":           {Method: "POST", Target: "/it's/$HOME/a%2Fb/../c?q=[1-3]&`x`&y=\\", Header: header, Body: []byte(nasty)},
		"type":            {Method: "PUT", Target: "?a=1", Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"a":1}`)},
		"binary":          {Method: "PATCH", Body: []byte("\x00\x01\xff'\"$`\r\n")},
		"at":              {Method: "POST", Body: []byte("@/etc/passwd")},
		"file":            {Method: "POST", File: file},
		"in query":        {Method: "DELETE", Target: "/x?y=1", Token: request.InQuery},
		"nowhere":         {Target: "/x", Token: request.Nowhere},
		"head":            {Method: "HEAD", Target: "/h"},
		"secret":          {Target: "/s", Header: http.Header{"Authorization": {"Bearer " + hush}, "X-Api-Key": {hush}}},
		"secret in query": {Target: "/s?y=1", Token: request.InQuery, Header: http.Header{"Cookie": {"a=" + hush}}},
	}
}

// A heard is what a listener got.
type heard struct {
	method, target string
	header         http.Header
	body           []byte
}

// tools returns a relay, what its listener hears, and the environment that
// commands need.
func tools(t *testing.T) (*localrelay.Relay, <-chan heard, []string) {
	t.Helper()
	r := localrelaytest.New(t)
	requests := make(chan heard, 1)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		if _, err := body.ReadFrom(r.Body); err != nil {
			t.Error(err)
		}
		requests <- heard{r.Method, r.RequestURI, r.Header.Clone(), body.Bytes()}
		w.Header().Set("X-Answer", "yes")
	})
	listen(t, r, handler)
	cfg := config(t, r, "open", "listen") // whoever sends there needs no token
	cfg.Handler = handler
	l, err := relayclient.Listen(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	authority := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(authority, r.CertificatePEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	token := localrelaytest.Header(t, r, "hyco", "send", 0).Get("ServiceBusAuthorization")
	return r, requests, append(os.Environ(), request.TokenVariable+"="+token,
		"RELAY_AUTHORIZATION=Bearer "+hush, "RELAY_X_API_KEY="+hush, "RELAY_COOKIE=a="+hush, "CURL_CA_BUNDLE="+authority, "SSL_CERT_FILE="+authority)
}

// command writes r down and looks for what should not be in it.
func command(t *testing.T, r request.Request, tool request.Tool, relay *localrelay.Relay, env []string) string {
	t.Helper()
	place := request.Place{Namespace: relay.Namespace(), HybridConnection: "hyco", OwnCA: true}
	if r.Token == request.Nowhere {
		place.HybridConnection = "open"
	}
	text, err := r.Command(tool, place)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, "hush") {
		t.Errorf("a credential is in\n%s", text)
	}
	for _, v := range env {
		if secret, ok := strings.CutPrefix(v, request.TokenVariable+"="); ok && strings.Contains(text, secret) {
			t.Errorf("the token is in\n%s", text)
		}
	}
	return text
}

// arrived compares what the listener got with what was written down.
func arrived(t *testing.T, r request.Request, got heard, text string) {
	t.Helper()
	body := r.Body
	if r.File != "" {
		body, _ = os.ReadFile(r.File)
	}
	target, _ := request.CleanTarget(r.Target)
	name := "/hyco"
	if r.Token == request.Nowhere {
		name = "/open"
	}
	if got.method != r.Verb() || got.target != name+target || !bytes.Equal(got.body, body) {
		t.Errorf("%s %s %q arrived, want %s %s %q; by\n%s", got.method, got.target, got.body, r.Verb(), name+target, body, text)
	}
	for key, values := range r.Header {
		if line := strings.Join(values, ", "); got.header.Get(key) != line {
			t.Errorf("%s: %q arrived, want %q; by\n%s", key, got.header.Get(key), line, text)
		}
	}
	if r.Header.Get("Content-Type") == "" && got.header.Get("Content-Type") != "" {
		t.Errorf("Content-Type %q arrived, none was written", got.header.Get("Content-Type"))
	}
}

func TestCurl(t *testing.T) {
	for _, tool := range []string{"curl", "bash"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("the test needs %s: %v", tool, err)
		}
	}
	relay, requests, env := tools(t)
	for name, r := range written(t) {
		t.Run(name, func(t *testing.T) {
			text := command(t, r, request.Curl, relay, env)
			cmd := exec.CommandContext(t.Context(), "bash", "-c", text)
			cmd.Env = env
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s\n%s", err, out, text)
			}
			if !strings.Contains(string(out), "200 OK") || !strings.Contains(string(out), "X-Answer: yes") {
				t.Errorf("it says\n%s", out)
			}
			arrived(t, r, <-requests, text)
		})
	}
}

// The programs are built and run together, which takes one compilation.
func TestGoProgram(t *testing.T) {
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Fatalf("the test needs go: %v", err)
	}
	relay, requests, env := tools(t)
	all := written(t)
	folder, bin := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "go.mod"), []byte("module written\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for name, r := range all {
		texts[name] = command(t, r, request.Go, relay, env)
		path := filepath.Join(folder, strings.ReplaceAll(name, " ", "-"), "main.go")
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(texts[name]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.CommandContext(t.Context(), tool, "build", "-o", bin+string(filepath.Separator), "./...")
	build.Dir, build.Env = folder, append(env, "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, r := range all {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), filepath.Join(bin, strings.ReplaceAll(name, " ", "-")))
			cmd.Env = env
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(out), "200 OK") {
				t.Fatalf("%v\n%s\n%s", err, out, texts[name])
			}
			arrived(t, r, <-requests, texts[name])
		})
	}
}

// PowerShell is not everywhere, so what is written for it is compared.
func TestPowerShell(t *testing.T) {
	place := request.Place{Namespace: "contoso.servicebus.windows.net", HybridConnection: "site 7/plc"}
	for name, r := range map[string]request.Request{
		"nasty": {Method: "POST", Target: "/it's?x=`$y", Header: http.Header{"X-Nasty": {"it's \"quoted\" $HOME `id`"}, "Content-Type": {"text/plain"}},
			Body: []byte("it's \"quoted\" $HOME `n \u2018typographic\u2019\nsecond line")},
		"binary": {Method: "PUT", Body: []byte{0, 1, 0xff}, Token: request.Nowhere},
		"query":  {Target: "/x?y=1", Token: request.InQuery, Header: http.Header{"Content-Type": {"none"}}},
		"file":   {Method: "POST", File: "testdata/powershell-get.ps1"},
		"get":    {},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := r.Command(request.PowerShell, place)
			if err != nil {
				t.Fatal(err)
			}
			here, err := os.Getwd()
			if err != nil {
				t.Fatal(err)
			}
			text = strings.ReplaceAll(text, here, "/here")
			path := filepath.Join("testdata", "powershell-"+name+".ps1")
			want, err := os.ReadFile(path)
			if err != nil || string(want) != text {
				failed := filepath.Join("testdata", "failed", filepath.Base(path))
				_ = os.MkdirAll(filepath.Dir(failed), 0o755)
				_ = os.WriteFile(failed, []byte(text), 0o644)
				t.Errorf("%s is not what is written now: see %s (%v)", path, failed, err)
			}
		})
	}
}

func TestCommandLeavesGapsInTheQuery(t *testing.T) {
	text, err := (request.Request{Target: "/a?code=" + hush + "&x=1"}).Command(request.Curl, request.Place{Namespace: "n", HybridConnection: "h"})
	if err != nil || strings.Contains(text, "hush") || !strings.Contains(text, "'https://n/h/a?code=FILL-IN&x=1'") || !strings.Contains(text, "in the place of FILL-IN") {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestCommandOfWhatCannotBeSent(t *testing.T) {
	if text, err := (request.Request{Target: "/#x"}).Command(request.Curl, request.Place{}); err == nil {
		t.Errorf("written as %s", text)
	}
}

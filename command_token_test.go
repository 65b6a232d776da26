package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/entra/entratest"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/token"
)

const tokenHost = "contoso.servicebus.windows.net"

// newSAS signs a token for hyco at tokenHost.
func newSAS(t *testing.T, key relayclient.Secret) string {
	t.Helper()
	made, err := relayclient.SharedAccessKey{KeyName: "listen", Key: key}.Token(t.Context(), relayclient.Audience(tokenHost, "hyco"))
	if err != nil {
		t.Fatal(err)
	}
	return made.Value.Reveal()
}

// parseToken reads what --json writes, which must be one line with these
// members and no others.
func parseToken(t *testing.T, got result) tokenLine {
	t.Helper()
	var line tokenLine
	if len(got.lines) != 1 {
		t.Fatalf("printed %d lines and to standard error %q", len(got.lines), got.stderr)
	}
	var raw map[string]any
	if err := json.Unmarshal([]byte(got.lines[0]), &raw); err != nil {
		t.Fatal(err)
	}
	for name := range raw {
		if !slices.Contains([]string{"kind", "expires", "expires_in", "facts", "verified", "steps"}, name) {
			t.Errorf("unknown member %q", name)
		}
	}
	line.Kind, _ = raw["kind"].(string)
	if seconds, ok := raw["expires_in"].(float64); ok {
		n := int64(seconds)
		line.ExpiresIn = &n
	}
	verdicts := map[string]token.Verdict{"right": token.Right, "wrong": token.Wrong, "not checkable": token.NotCheckable}
	facts, _ := raw["facts"].([]any)
	for _, f := range facts {
		fact := f.(map[string]any)
		verdict, ok := verdicts[fact["verdict"].(string)]
		if !ok {
			t.Errorf("unknown verdict in %v", fact)
		}
		line.Facts = append(line.Facts, tokenFact{fact["name"].(string), fact["value"].(string), verdict, fact["why"].(string)})
	}
	if ok, there := raw["verified"].(bool); there {
		line.Verified = &ok
	}
	steps, _ := raw["steps"].([]any)
	for _, s := range steps {
		step := s.(map[string]any)
		line.Steps = append(line.Steps, tokenStep{Name: step["name"].(string), Detail: step["outcome"].(string) + ": " + step["detail"].(string)})
	}
	return line
}

func (l tokenLine) fact(name string) tokenFact {
	for _, f := range l.Facts {
		if f.Name == name {
			return f
		}
	}
	return tokenFact{}
}

func TestTokenCommandSAS(t *testing.T) {
	key, other := localrelay.NewKey(), localrelay.NewKey()
	text := newSAS(t, key)
	env := []string{
		"TOKEN=" + text, "KEY=" + key.Reveal(), "OTHER=" + other.Reveal(),
		"CS=Endpoint=sb://" + tokenHost + "/;SharedAccessKeyName=listen;SharedAccessKey=" + key.Reveal() + ";EntityPath=hyco",
	}
	for name, tt := range map[string]struct {
		args    string
		status  int
		fact    string
		verdict token.Verdict
	}{
		"no target":        {"", exitOK, "Namespace", token.NotCheckable},
		"its policy":       {"--connection-string-env CS", exitOK, "Signature", token.Right},
		"options go first": {"--connection-string-env CS --hybrid-connection orders", exitFailed, "Scope", token.Wrong},
		"its target":       {"--namespace sb://" + tokenHost + "/ --hybrid-connection HYCO --right listen", exitOK, "Scope", token.Right},
		"right key":        {"--key-env KEY", exitOK, "Signature", token.Right},
		"other key":        {"--key-env OTHER", exitFailed, "Signature", token.Wrong},
		"other namespace":  {"--namespace fabrikam.servicebus.windows.net", exitFailed, "Namespace", token.Wrong},
		"other connection": {"--hybrid-connection orders", exitFailed, "Scope", token.Wrong},
	} {
		t.Run(name, func(t *testing.T) {
			got := relayscope(t, env, append([]string{"token", "--json", "--token-env", "TOKEN"}, strings.Fields(tt.args)...)...)
			wantStatus(t, got, tt.status)
			line := parseToken(t, got)
			if f := line.fact(tt.fact); f.Verdict != tt.verdict || f.Why == "" || line.Kind != "SAS" || line.ExpiresIn == nil || *line.ExpiresIn > 3600 || *line.ExpiresIn < 3500 {
				t.Errorf("%s is %v, want %v: %+v", tt.fact, f.Verdict, tt.verdict, line)
			}
			if tt.status == exitFailed && !strings.Contains(got.stderr, "Wrong: "+tt.fact) {
				t.Errorf("standard error is %q, want what is wrong in it", got.stderr)
			}
		})
	}
}

func TestTokenCommandForPeople(t *testing.T) {
	text := strings.Replace(newSAS(t, localrelay.NewKey()), "skn=listen", "skn=a%1b%5b2Jb", 1)
	got := relayscope(t, []string{"TOKEN=Bearer " + text}, "token", "--token-env", "TOKEN", "--namespace", tokenHost)
	wantStatus(t, got, exitOK)
	out := strings.Join(got.lines, "\n")
	for _, want := range []string{"SAS token. It is good for another 59 min.", "✓ right         Namespace", "? not checkable Policy", "the word Bearer"} {
		if !strings.Contains(out, want) {
			t.Errorf("printed\n%s\nwithout %q", out, want)
		}
	}
	if strings.Contains(out, "\x1b") {
		t.Errorf("what the token says reaches the terminal as it is: %q", out)
	}
}

func TestTokenFromFileAndStandardInput(t *testing.T) {
	text := newSAS(t, localrelay.NewKey())
	cs := "CS=Endpoint=sb://" + tokenHost + "/;SharedAccessSignature=" + text
	wantStatus(t, relayscope(t, []string{cs}, "token", "--connection-string-env", "CS", "--hybrid-connection", "hyco"), exitOK)
	wantStatus(t, relayscope(t, []string{cs}, "token", "--connection-string-env", "CS", "--hybrid-connection", "orders"), exitFailed)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("\""+text+"\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, relayscope(t, nil, "token", "--file", file), exitOK)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"token"}, {"token", "--file", "-"}} {
		cmd := exec.CommandContext(t.Context(), self, args...)
		cmd.Env = []string{asProgram + "=1", "GORACE=atexit_sleep_ms=10"}
		cmd.Stdin = strings.NewReader(text + "\n")
		out, err := cmd.Output()
		if err != nil || !bytes.Contains(out, []byte("hybrid connection hyco")) {
			t.Errorf("%v ends with %v and prints %s", args, err, out)
		}
	}
}

func TestTokenThatCannotBeRead(t *testing.T) {
	key := localrelay.NewKey().Reveal()
	for name, tt := range map[string]struct {
		env  string
		args []string
		want string
	}{
		"variable not set":  {"", []string{"--token-env", "TOKEN"}, "The environment variable TOKEN is not set."},
		"no connection":     {"TOKEN=x", []string{"--token-env", "TOKEN", "--connection-string-env", "CS"}, "The environment variable CS is not set."},
		"bad connection":    {"CS=Endpoint=" + key, []string{"--connection-string-env", "CS"}, "This connection string cannot be used."},
		"key not set":       {"TOKEN=x", []string{"--token-env", "TOKEN", "--key-env", "KEY"}, "The environment variable KEY is not set."},
		"no file":           {"", []string{"--file", filepath.Join(t.TempDir(), "none")}, "The token cannot be read."},
		"nothing":           {"", nil, "There is no token."},
		"a key":             {"TOKEN=" + key, []string{"--token-env", "TOKEN"}, "This is not a token."},
		"connection string": {"TOKEN=Endpoint=sb://h/;SharedAccessKey=" + key, []string{"--token-env", "TOKEN"}, "connection string"},
		"JWT cut off":       {"TOKEN=eyJhbGciOiJSUzI1NiJ9.e30", []string{"--token-env", "TOKEN"}, "The JWT cannot be read."},
		"SAS cut off":       {"TOKEN=SharedAccessSignature sr=a&sig=" + key, []string{"--token-env", "TOKEN"}, "The SAS token cannot be read."},
	} {
		t.Run(name, func(t *testing.T) {
			got := relayscope(t, []string{tt.env}, append([]string{"token"}, tt.args...)...)
			wantStatus(t, got, exitFailed)
			if !strings.Contains(got.stderr, tt.want) || !strings.Contains(got.stderr, "\nNext: ") || strings.Contains(got.stderr, "\nAnswer: ") || len(got.lines) != 0 {
				t.Errorf("printed %q and to standard error %q, want %q in the latter", got.lines, got.stderr, tt.want)
			}
		})
	}
}

func TestTokenCommandLine(t *testing.T) {
	key := localrelay.NewKey().Reveal()
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"SAS as argument":    {[]string{newSAS(t, localrelay.NewKey())}, "does not belong on a command line"},
		"JWT as argument":    {[]string{"eyJhbGciOiJSUzI1NiJ9.e30.c2ln"}, "does not belong on a command line"},
		"JWT as VAR":         {[]string{"--token-env=eyJhbGciOiJSUzI1NiJ9.e30.c2ln"}, "does not belong on a command line"},
		"key as VAR":         {[]string{"--key-env", key}, "takes the name of an environment variable"},
		"two sources":        {[]string{"--token-env", "A", "--file", "b"}, "--token-env and --file"},
		"unknown right":      {[]string{"--right", "manage"}, "--right"},
		"namespace":          {[]string{"--namespace", "a b"}, "--namespace"},
		"connection":         {[]string{"--hybrid-connection", "a?b"}, "--hybrid-connection"},
		"authority in clear": {[]string{"--authority", "http://login.test/"}, "--authority takes an https URL"},
		"no time":            {[]string{"--timeout", "0s"}, "--timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			got := relayscope(t, nil, append([]string{"token"}, tt.args...)...)
			wantStatus(t, got, exitUsage)
			if !strings.Contains(got.stderr, tt.want) || strings.Contains(got.stderr, "c2ln") {
				t.Errorf("standard error is %q, want %q in it", got.stderr, tt.want)
			}
		})
	}
}

// published starts a publisher of keys, and writes a file with its certificate.
func published(t *testing.T) (publisher *entratest.Publisher, caFile string) {
	t.Helper()
	publisher = entratest.NewPublisher(t)
	caFile = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(caFile, publisher.CertificatePEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	return publisher, caFile
}

func TestTokenCommandVerifies(t *testing.T) {
	publisher, ca := published(t)
	authority, sign, good := publisher.URL+"/", publisher.Sign, publisher.Sign(nil)
	parts := strings.Split(good, ".")
	for name, tt := range map[string]struct {
		text     string
		args     []string
		status   int
		verified bool
		say      string
	}{
		"good":               {good, []string{"--ca-file", ca}, exitOK, true, ""},
		"changed":            {parts[0] + "." + strings.Split(sign(map[string]any{"oid": "root"}), ".")[1] + "." + parts[2], []string{"--ca-file", ca}, exitFailed, false, "Signature: "},
		"for Service Bus":    {sign(map[string]any{"aud": "https://servicebus.azure.net"}), []string{"--ca-file", ca}, exitFailed, false, "Wrong: Audience"},
		"authority distrust": {good, nil, exitFailed, false, "Discovery: "},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"token", "--json", "--token-env", "TOKEN", "--verify", "--namespace", tokenHost, "--authority", authority}, tt.args...)
			got := relayscope(t, []string{"TOKEN=" + tt.text}, args...)
			wantStatus(t, got, tt.status)
			line := parseToken(t, got)
			if line.Verified == nil || *line.Verified != tt.verified || len(line.Steps) != 17 || !strings.Contains(got.stderr, tt.say) {
				t.Errorf("verified %v in %d steps %q, want %v and %q in %q", line.Verified, len(line.Steps), line.Steps, tt.verified, tt.say, got.stderr)
			}
			if strings.Contains(got.stderr+strings.Join(got.lines, ""), parts[2]) {
				t.Error("the signature was printed")
			}
		})
	}
	got := relayscope(t, []string{"TOKEN=" + good}, "token", "--env", "TOKEN", "--verify", "--authority", authority, "--ca-file", ca)
	wantStatus(t, got, exitOK)
	if out := strings.Join(got.lines, "\n"); !strings.Contains(out, "✓ passed        Signature              The issuer's key made it.") {
		t.Errorf("printed\n%s", out)
	}
}

package main

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
)

// asProgram makes this test binary be relayscope, race detector included.
const asProgram = "RELAYSCOPE_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// patience bounds every wait for something that must happen.
const patience = 30 * time.Second

// A program is relayscope at work.
type program struct {
	cmd     *exec.Cmd
	tmp     string      // its folder for temporary files
	lines   chan string // standard output, as it comes
	printed []string    // what line and wait have taken from lines
	stderr  bytes.Buffer
}

// start runs relayscope with variables like NAME=value until it ends, at most
// until the test is over.
func start(t *testing.T, env []string, args ...string) *program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	p := &program{cmd: exec.CommandContext(ctx, self, args...), tmp: t.TempDir(), lines: make(chan string, 1024)}
	p.cmd.Env = append([]string{asProgram + "=1", "TMPDIR=" + p.tmp, "GORACE=atexit_sleep_ms=10", "GOCOVERDIR=" + os.Getenv("GOCOVERDIR")}, env...)
	p.cmd.Stderr = &p.stderr
	p.cmd.WaitDelay = time.Second
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.lines)
		in := bufio.NewScanner(stdout)
		in.Buffer(nil, 4<<20) // a line of JSON holds a whole message
		for in.Scan() {
			p.lines <- in.Text()
		}
	}()
	t.Cleanup(func() {
		cancel() // kills it if it is still there
		for range p.lines {
		}
		_ = p.cmd.Wait()
	})
	return p
}

// line waits for a line of standard output with text in it.
func (p *program) line(t *testing.T, text string) string {
	t.Helper()
	for line := range p.lines {
		p.printed = append(p.printed, line)
		if strings.Contains(line, text) {
			return line
		}
	}
	_ = p.cmd.Wait()
	t.Fatalf("relayscope ended without printing %q; it printed %q and to standard error %q", text, p.printed, p.stderr.String())
	return ""
}

// A result is what is left of a program that has ended.
type result struct {
	status int
	lines  []string // of standard output
	stderr string
}

func (p *program) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// wait waits for the end.
func (p *program) wait(t *testing.T) result {
	t.Helper()
	for line := range p.lines {
		p.printed = append(p.printed, line)
	}
	_ = p.cmd.Wait() // the status says it
	return result{p.cmd.ProcessState.ExitCode(), p.printed, p.stderr.String()}
}

// relayscope runs a command that ends by itself.
func relayscope(t *testing.T, env []string, args ...string) result {
	t.Helper()
	return start(t, env, args...).wait(t)
}

// secretLike matches a policy's key and what a token carries.
var secretLike = regexp.MustCompile(`[A-Za-z0-9+/]{43}=|sig=|SharedAccessSignature sr|SharedAccessKey=`)

func wantNoSecret(t *testing.T, got result) {
	t.Helper()
	for _, text := range append(got.lines, got.stderr) {
		if s := secretLike.FindString(text); s != "" {
			t.Errorf("a secret (%.12s…) is in: %s", s, text)
		}
	}
}

// wantStatus checks the exit status and that no secret was printed.
func wantStatus(t *testing.T, got result, status int) {
	t.Helper()
	if got.status != status {
		t.Errorf("exit status is %d, want %d; standard error: %s", got.status, status, got.stderr)
	}
	wantNoSecret(t, got)
}

// connectionString returns the one of a rule of r's.
func connectionString(t *testing.T, r *localrelay.Relay, entity, rule string) relayclient.ConnectionString {
	t.Helper()
	cs, err := r.ConnectionString(entity, rule)
	if err != nil {
		t.Fatal(err)
	}
	return cs
}

// caFile writes r's CA certificate to a file.
func caFile(t *testing.T, r *localrelay.Relay) string {
	t.Helper()
	file := t.TempDir() + "/ca.pem"
	if err := os.WriteFile(file, r.CertificatePEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestHelpAndVersion(t *testing.T) {
	for _, tt := range []struct{ args, want string }{
		{"--help", "Usage: relayscope"},
		{"relay --help", "--entity=NAME[,anonymous]"},
		{"listen --help", "--connection-string-env=VAR"},
		{"send --help", "--expect-reply"},
		{"--version", version},
	} {
		t.Run(tt.args, func(t *testing.T) {
			got := relayscope(t, nil, strings.Fields(tt.args)...)
			wantStatus(t, got, exitOK)
			if out := strings.Join(got.lines, "\n"); !strings.Contains(out, tt.want) || got.stderr != "" {
				t.Errorf("printed %q and to standard error %q, want %q in the former only", out, got.stderr, tt.want)
			}
		})
	}
}

func TestWrongCommandLine(t *testing.T) {
	key := localrelay.NewKey().Reveal()
	text := "Endpoint=sb://localhost:1/;SharedAccessKeyName=send;SharedAccessKey=" + key + ";EntityPath=hyco"
	const env = "--connection-string-env=CS"
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"connection string":        {[]string{"send", text}, "does not belong on a command line"},
		"connection string as VAR": {[]string{"send", "--connection-string-env", text}, "does not belong on a command line"},
		"misspelled string":        {[]string{"send", strings.ReplaceAll(text, "SharedAccessKey=", "SharedAcessKey=")}, "does not belong on a command line"},
		"token":                    {[]string{"send", env, "--text", "SharedAccessSignature sr=x&sig=" + key}, "does not belong on a command line"},
		"key":                      {[]string{"send", env, key}, "unexpected argument [redacted]"},
		"key as VAR":               {[]string{"send", "--connection-string-env", key}, "takes the name of an environment variable"},
		"unknown flag":             {[]string{"send", env, "--password", "x"}, "unknown flag --password"},
		"unknown command":          {[]string{"serve"}, "serve"},
		"no variable":              {[]string{"listen"}, "--connection-string-env=VAR"},
		"hex":                      {[]string{"send", env, "--hex", "0"}, "two hex digits"},
		"text":                     {[]string{"send", env, "--text", "\xff"}, "argument 4 is not valid UTF-8"},
		"no way to sign in":        {[]string{"send", "--namespace", "localhost:1", "--hybrid-connection", "hyco"}, "needs --sign-in"},
		"unknown way to sign in":   {[]string{"send", "--namespace", "localhost:1", "--hybrid-connection", "hyco", "--sign-in", "kerberos"}, "takes one of key, token, secret"},
		"namespace twice":          {[]string{"send", env, "--namespace", "localhost:1"}, "does not go with --connection-string-env"},
		"no hybrid connection":     {[]string{"send", "--namespace", "localhost:1", "--sign-in", "anonymous"}, "needs --hybrid-connection"},
		"option of another way":    {[]string{"send", env, "--sign-in", "cli", "--client-id", "x"}, "--client-id does not go with --sign-in cli"},
		"option that is missing":   {[]string{"send", env, "--sign-in", "secret", "--tenant", "x", "--client-id", "x"}, "needs --client-secret-env"},
		"secret as VAR":            {[]string{"send", env, "--sign-in", "secret", "--tenant", "x", "--client-id", "x", "--client-secret-env", "abC8Q~not-a-name"}, "takes the name of an environment variable"},
		"secret itself":            {[]string{"send", env, "--client-secret=" + key}, "unknown flag --client-secret"},
		"tenant without a way":     {[]string{"send", env, "--tenant", "x"}, "--tenant does not go with a connection string alone"},
		"namespace with a path":    {[]string{"send", "--namespace", "a/b?c", "--hybrid-connection", "hyco", "--sign-in", "cli"}, "--namespace: it"},
		"nothing to reply to":      {[]string{"send", env, "--expect-reply"}, "needs a message to reply to"},
		"no time":                  {[]string{"send", env, "--timeout", "0s"}, "--timeout"},
		"time without a unit":      {[]string{"send", env, "--timeout", "10"}, "--timeout"},
		"address not on loopback":  {[]string{"relay", "--listen", "0.0.0.0:0"}, "serves this computer only"},
		"address without a port":   {[]string{"relay", "--listen", "127.0.0.1"}, "127.0.0.1:PORT"},
		"option of an entity":      {[]string{"relay", "--entity", "a,public"}, `the only option is ",anonymous"`},
		"name of an entity":        {[]string{"relay", "--entity", "a?b"}, "the name has a character"},
		"entity twice":             {[]string{"relay", "--entity", "a", "--entity", "A,anonymous"}, "twice"},
	} {
		t.Run(name, func(t *testing.T) {
			got := relayscope(t, []string{"CS=" + text}, tt.args...)
			wantStatus(t, got, exitUsage)
			if len(got.lines) != 0 || !strings.HasPrefix(got.stderr, "relayscope: ") || !strings.Contains(got.stderr, tt.want) {
				t.Errorf("printed %q and to standard error %q, want %q in the latter", got.lines, got.stderr, tt.want)
			}
		})
	}
}

// Help names the program as it was started.
func TestProgramName(t *testing.T) {
	for path, want := range map[string]string{
		"dist/relayscope-cli":            "relayscope-cli",
		"/opt/relayscope/relayscope.exe": "relayscope",
		"/tmp/___run":                    "relayscope",
		"":                               "relayscope",
	} {
		if got := programName(path); got != want {
			t.Errorf("programName(%q) = %q, want %q", path, got, want)
		}
	}
	var out bytes.Buffer
	if code := run("relayscope-cli", []string{"token", "--help"}, &out, &out); code != exitOK || !strings.Contains(out.String(), "Usage: relayscope-cli token") {
		t.Errorf("status %d, help is %s", code, out.String())
	}
	out.Reset()
	if code := run("relayscope-cli", []string{"nothing"}, &out, &out); code != exitUsage || !strings.Contains(out.String(), "Try relayscope-cli --help.") {
		t.Errorf("status %d, complaint is %s", code, out.String())
	}
}

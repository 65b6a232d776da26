package main

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/explain"
	"relayscope/relayclient/token"
)

type tokenCommand struct {
	TokenEnv string `name:"token-env" aliases:"env" help:"Name of the environment variable that holds the token." placeholder:"VAR" xor:"source"`
	File     string `help:"The file that holds the token. Without --token-env and --file it is read from the standard input." placeholder:"FILE" xor:"source"`

	ConnectionStringEnv string `name:"connection-string-env" help:"Name of the environment variable that holds a connection string: it says what the token is for, has the policy's key or, if it holds one, the token." placeholder:"VAR"`

	Namespace        string `help:"The namespace that the token is for, such as contoso.servicebus.windows.net." placeholder:"HOST"`
	HybridConnection string `help:"The hybrid connection that the token is for." placeholder:"NAME"`
	Right            string `help:"What the token shall allow: listen or send." enum:",listen,send" default:"" placeholder:"RIGHT"`
	Tenant           string `help:"For JWTs: the tenant that the token must be of, by ID or domain." placeholder:"TENANT"`
	Audience         string `help:"For JWTs: the audience, if it is not the one of the namespace's cloud." placeholder:"URI"`
	Authority        string `help:"For JWTs: the host that publishes the issuer's keys, if it is not the one of the cloud." placeholder:"URL"`

	KeyEnv  string        `name:"key-env" help:"For SAS tokens: name of the environment variable that holds the policy's key, to check the signature with." placeholder:"VAR"`
	Verify  bool          `help:"For JWTs: fetch the issuer's keys and check the signature."`
	Timeout time.Duration `help:"How long fetching keys may take." default:"10s"`
	CAFile  string        `name:"ca-file" help:"CA certificates (PEM) to trust on top of the system's when fetching keys." type:"path" placeholder:"FILE"`
	JSON    bool          `name:"json" help:"Write one JSON object."`
}

// Validate makes a wrong option a wrong command line.
func (c *tokenCommand) Validate() error {
	for _, option := range []struct{ name, value string }{{"--token-env", c.TokenEnv}, {"--key-env", c.KeyEnv}, {"--connection-string-env", c.ConnectionStringEnv}} {
		if option.value != "" && !variableName.MatchString(option.value) {
			return errors.New(option.name + " takes the name of an environment variable: letters, digits and underscores")
		}
	}
	if c.Timeout <= 0 {
		return fmt.Errorf("--timeout %v: give a time longer than nothing, such as 10s", c.Timeout)
	}
	if c.Authority != "" {
		if u, err := url.Parse(c.Authority); err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
			return errors.New("--authority takes an https URL, such as https://login.microsoftonline.com/")
		}
	}
	var err error
	if c.Namespace != "" {
		if u, err := url.Parse(c.Namespace); err == nil && u.Host != "" { // as the portal shows it
			c.Namespace = u.Host
		}
		if c.Namespace, err = relayclient.CleanNamespace(c.Namespace); err != nil {
			return fmt.Errorf("--namespace: the namespace %w", err)
		}
	}
	if c.HybridConnection != "" {
		if c.HybridConnection, err = relayclient.CleanHybridConnection(c.HybridConnection); err != nil {
			return fmt.Errorf("--hybrid-connection: the name %w", err)
		}
	}
	return nil
}

// Run says what is in the token. It succeeds if nothing is wrong with it and,
// with --verify, if the signature was found good.
func (c *tokenCommand) Run(t *terminal) error {
	cs, err := c.connectionString()
	if err != nil {
		return err
	}
	target, err := c.target(cs)
	if err != nil {
		return err
	}
	text, err := c.text(t, cs)
	if err != nil {
		return err
	}
	tok, err := token.Read(text)
	if err != nil {
		m := explain.Error(err, relayclient.Listening)
		m.Raw = "" // the cause has said it
		return problem(m)
	}
	report := tokenReport{token: tok, facts: tok.Judge(target), now: target.Now}
	if c.Verify {
		verifier, err := c.verifier()
		if err != nil {
			return err
		}
		verified := verifier.Verify(t, tok, target.Rules())
		if t.Err() != nil {
			return errors.New("stopped while fetching the issuer's keys")
		}
		report.verified = &verified
	}
	report.write(t.out, c.JSON)
	return report.failure()
}

// connectionString reads the one that is named, if any.
func (c *tokenCommand) connectionString() (relayclient.ConnectionString, error) {
	if c.ConnectionStringEnv == "" {
		return relayclient.ConnectionString{}, nil
	}
	text, err := fromEnvironment("--connection-string-env", c.ConnectionStringEnv, "Put the connection string into it and export it.")
	if err != nil {
		return relayclient.ConnectionString{}, err
	}
	cs, err := relayclient.ParseConnectionString(text)
	if err != nil {
		return cs, explained(err, relayclient.Listening)
	}
	return cs, nil
}

// target is what the options say of it; they go before the connection string.
func (c *tokenCommand) target(cs relayclient.ConnectionString) (token.Target, error) {
	target := token.Target{
		Namespace:        cmp.Or(c.Namespace, cs.Namespace),
		HybridConnection: cmp.Or(c.HybridConnection, cs.HybridConnection),
		Key:              cs.Key, Audience: c.Audience, Authority: c.Authority, Tenant: c.Tenant, Now: time.Now(),
		Permission: map[string]token.Permission{"listen": token.Listen, "send": token.Send}[c.Right],
	}
	if c.KeyEnv != "" {
		key, err := fromEnvironment("--key-env", c.KeyEnv, "Put the policy's key into it and export it.")
		if err != nil {
			return target, err
		}
		target.Key = relayclient.NewSecret(key)
	}
	return target, nil
}

// text reads the token from where the options say.
func (c *tokenCommand) text(t *terminal, cs relayclient.ConnectionString) (string, error) {
	switch {
	case !cs.Token.Empty() && c.TokenEnv == "" && c.File == "":
		return cs.Token.Reveal(), nil
	case c.TokenEnv != "":
		return fromEnvironment("--token-env", c.TokenEnv, "Put the token into it and export it.")
	case c.File != "" && c.File != "-":
		f, err := os.Open(c.File)
		if err != nil {
			return "", unreadableFile(err)
		}
		defer f.Close()
		return readText(f)
	}
	if info, err := os.Stdin.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		fmt.Fprintln(t.err, "Paste the token, then press Enter and Ctrl+D (on Windows Ctrl+Z and Enter).")
	}
	type input struct {
		text string
		err  error
	}
	read := make(chan input, 1)
	go func() { // reading from a terminal cannot be interrupted; the program ends without it
		text, err := readText(os.Stdin)
		read <- input{text, err}
	}()
	select {
	case in := <-read:
		return in.text, in.err
	case <-t.Done():
		return "", errors.New("stopped while waiting for the token")
	}
}

func readText(r io.Reader) (string, error) {
	data, err := io.ReadAll(io.LimitReader(r, token.MaxText+1))
	if err != nil {
		return "", unreadableFile(err)
	}
	return string(data), nil
}

func unreadableFile(err error) error {
	return problem{Title: "The token cannot be read", Cause: err.Error() + ".", Next: "Check the name given with --file."}
}

// fromEnvironment reads a variable that an option names.
func fromEnvironment(option, name, next string) (string, error) {
	text := os.Getenv(name)
	if text == "" {
		return "", problem{Title: "The environment variable " + name + " is not set", Cause: option + " names it, but it is missing or empty.", Next: next}
	}
	return text, nil
}

// verifier fetches keys as the options say. An authority that was chosen is
// trusted to publish keys.
func (c *tokenCommand) verifier() (*token.Verifier, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableKeepAlives = true
	options := token.VerifierOptions{Client: &http.Client{Transport: transport}, Timeout: c.Timeout}
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, problem{Title: "The file with CA certificates cannot be read", Cause: fmt.Sprintf("--ca-file: %v.", err), Next: "Check the path."}
		}
		roots, err := relayclient.Roots(pem)
		if err != nil || roots == nil {
			return nil, problem{
				Title: "The file with CA certificates holds none that can be used",
				Cause: "--ca-file names " + c.CAFile + ".",
				Next:  "Give a PEM file, with -----BEGIN CERTIFICATE----- in it.",
			}
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	}
	if u, err := url.Parse(c.Authority); err == nil && u.Host != "" {
		options.Hosts = []string{u.Host}
	}
	return token.NewVerifier(options), nil
}

// failure says what is wrong in a sentence, or returns nil.
func (r tokenReport) failure() error {
	var wrong []string
	for _, f := range r.facts {
		if f.Verdict == token.Wrong {
			wrong = append(wrong, f.Name)
		}
	}
	if len(wrong) > 0 {
		return problem{Title: "The token does not fit", Cause: "Wrong: " + strings.Join(wrong, ", ") + ".", Next: "Read the reasons above."}
	}
	if r.verified != nil && !r.verified.OK() {
		for _, s := range r.verified.Steps {
			if s.Outcome != token.Passed && s.Outcome != token.NotAsked {
				return problem{Title: "The token is not verified", Cause: s.Name + ": " + s.Detail, Next: "Read the steps above."}
			}
		}
	}
	return nil
}

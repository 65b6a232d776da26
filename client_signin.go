package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/pkg/browser"

	"relayscope/relayclient"
	"relayscope/relayclient/entra"
	"relayscope/relayclient/signin"
)

// signInSettings are the options that say how to sign in. Secrets are never
// among them: they stay in files and environment variables.
type signInSettings struct {
	SignIn                 string `name:"sign-in" group:"Sign-in" help:"How to get a token: key, token, secret, certificate, managed-identity, cli, device-code, browser or anonymous (senders only)." placeholder:"WAY"`
	KeyName                string `name:"key-name" group:"Sign-in" help:"key: name of the shared access policy." placeholder:"NAME"`
	KeyEnv                 string `name:"key-env" group:"Sign-in" help:"key: environment variable that holds the policy's key." placeholder:"VAR"`
	TokenEnv               string `name:"token-env" group:"Sign-in" help:"token: environment variable that holds a SAS token." placeholder:"VAR"`
	Tenant                 string `name:"tenant" group:"Sign-in" help:"Tenant ID or domain; secret and certificate need it." placeholder:"ID"`
	ClientID               string `name:"client-id" group:"Sign-in" help:"Application (client) ID; secret and certificate need it." placeholder:"ID"`
	ClientSecretEnv        string `name:"client-secret-env" group:"Sign-in" help:"secret: environment variable that holds the client secret." placeholder:"VAR"`
	CertificateFile        string `name:"certificate-file" group:"Sign-in" help:"certificate: PEM or PFX file with the certificate and its key." type:"path" placeholder:"FILE"`
	CertificatePasswordEnv string `name:"certificate-password-env" group:"Sign-in" help:"certificate: environment variable that holds the passphrase of a PFX file." placeholder:"VAR"`
	IdentityID             string `name:"identity-id" group:"Sign-in" help:"managed-identity: client ID or resource ID of a user-assigned one, or object:ID." placeholder:"ID"`
	Authority              string `name:"authority" group:"Sign-in" help:"URL of the host that issues tokens; otherwise that of the namespace's cloud." placeholder:"URL"`
	Audience               string `name:"audience" group:"Sign-in" help:"What the token is for; otherwise that of the namespace's cloud." placeholder:"URI"`
}

// A signInWay is a value of --sign-in and the options that go with it.
type signInWay struct {
	name    string
	way     signin.Way
	needs   []string
	accepts []string
}

var signInWays = []signInWay{
	{"key", signin.SharedAccessKey, []string{"--key-name", "--key-env"}, nil},
	{"token", signin.SharedAccessToken, []string{"--token-env"}, nil},
	{"secret", signin.ClientSecret, []string{"--tenant", "--client-id", "--client-secret-env"}, []string{"--authority", "--audience"}},
	{"certificate", signin.ClientCertificate, []string{"--tenant", "--client-id", "--certificate-file"}, []string{"--certificate-password-env", "--authority", "--audience"}},
	{"managed-identity", signin.ManagedIdentity, nil, []string{"--identity-id", "--audience"}},
	{"cli", signin.AzureCLI, nil, []string{"--tenant", "--audience"}},
	{"device-code", signin.DeviceCode, nil, []string{"--tenant", "--client-id", "--authority", "--audience"}},
	{"browser", signin.Browser, nil, []string{"--tenant", "--client-id", "--authority", "--audience"}},
	{"anonymous", signin.Anonymous, nil, nil},
}

func findSignInWay(name string) (signInWay, bool) {
	i := slices.IndexFunc(signInWays, func(w signInWay) bool { return w.name == name })
	if i < 0 {
		return signInWay{}, false
	}
	return signInWays[i], true
}

// An option is one that was or was not given.
type option struct{ name, value string }

func (s *signInSettings) options() []option {
	return []option{
		{"--key-name", s.KeyName}, {"--key-env", s.KeyEnv}, {"--token-env", s.TokenEnv}, {"--tenant", s.Tenant}, {"--client-id", s.ClientID},
		{"--client-secret-env", s.ClientSecretEnv}, {"--certificate-file", s.CertificateFile}, {"--certificate-password-env", s.CertificatePasswordEnv},
		{"--identity-id", s.IdentityID}, {"--authority", s.Authority}, {"--audience", s.Audience},
	}
}

// checkSignIn finds options that are missing and such that would have no
// effect. inString says that a connection string may tell the way.
func (s *signInSettings) checkSignIn(inString bool) error {
	way, known := findSignInWay(s.SignIn)
	switch {
	case s.SignIn == "" && inString:
		// With a managed identity in the string, two options still make sense.
		way = signInWay{name: "a connection string alone", accepts: []string{"--identity-id", "--audience"}}
	case s.SignIn == "":
		return errors.New("--namespace needs --sign-in, which says how to get a token")
	case !known:
		var names []string
		for _, w := range signInWays {
			names = append(names, w.name)
		}
		return errors.New("--sign-in takes one of " + strings.Join(names, ", "))
	default:
		way.name = "--sign-in " + way.name
	}
	for _, o := range s.options() {
		switch {
		case o.value == "" && slices.Contains(way.needs, o.name):
			return fmt.Errorf("%s needs %s", way.name, o.name)
		case o.value != "" && !slices.Contains(way.needs, o.name) && !slices.Contains(way.accepts, o.name):
			return fmt.Errorf("%s does not go with %s", o.name, way.name)
		}
	}
	return nil
}

// settings are what the options or the connection string say about signing in.
func (s *signInSettings) settings(cs relayclient.ConnectionString) (signin.Settings, error) {
	set := signin.Settings{Tenant: s.Tenant, ClientID: s.ClientID, KeyName: s.KeyName, Authority: s.Authority, Audience: s.Audience}
	if s.SignIn == "" {
		switch {
		case !cs.Key.Empty():
			set.Way, set.KeyName, set.Key = signin.SharedAccessKey, cs.KeyName, cs.Key
		case !cs.Token.Empty():
			set.Way, set.Token = signin.SharedAccessToken, cs.Token
		case cs.ManagedIdentity:
			set.Way = signin.ManagedIdentity
		default:
			set.Way = signin.Anonymous
		}
	} else {
		way, _ := findSignInWay(s.SignIn)
		set.Way = way.way
	}
	set.Identity, set.IdentityID = identityKind(s.IdentityID)
	for _, from := range []struct {
		option, variable string
		to               *relayclient.Secret
	}{
		{"--key-env", s.KeyEnv, &set.Key}, {"--token-env", s.TokenEnv, &set.Token},
		{"--client-secret-env", s.ClientSecretEnv, &set.Secret}, {"--certificate-password-env", s.CertificatePasswordEnv, &set.Secret},
	} {
		if from.variable == "" {
			continue
		}
		text := os.Getenv(from.variable)
		if text == "" {
			return set, problem{
				Title: "The environment variable " + from.variable + " is not set",
				Cause: from.option + " names it, but it is missing or empty.",
				Next:  "Put the value into it and export it.",
			}
		}
		*from.to = relayclient.NewSecret(strings.TrimSpace(text))
	}
	if s.CertificateFile == "" {
		return set, nil
	}
	data, err := os.ReadFile(s.CertificateFile)
	if err != nil {
		return set, problem{
			Title: "The client certificate cannot be read",
			Cause: fmt.Sprintf("--certificate-file: %v.", err),
			Next:  "Check the path, and that this user may read the file.",
		}
	}
	text := string(data)
	if !strings.Contains(text, "-----BEGIN") {
		text = base64.StdEncoding.EncodeToString(data)
	}
	set.Certificate = relayclient.NewSecret(text)
	return set, nil
}

// identityKind tells from its form what an ID of a managed identity is.
func identityKind(id string) (signin.IdentityKind, string) {
	object, isObject := strings.CutPrefix(id, "object:")
	switch {
	case id == "":
		return signin.SystemAssigned, ""
	case isObject:
		return signin.ByObjectID, object
	case strings.HasPrefix(id, "/"):
		return signin.ByResourceID, id
	}
	return signin.ByClientID, strings.TrimPrefix(id, "client:")
}

// provider makes the token provider that cfg lacks. It asks for nothing yet.
func (s *signInSettings) provider(t *terminal, cfg relayclient.Config, cs relayclient.ConnectionString, role relayclient.Role) (relayclient.TokenProvider, error) {
	set, err := s.settings(cs)
	if err != nil {
		return nil, err
	}
	if set.Way == signin.Browser {
		browser.Stdout = t.err // the standard output is for what is reported
	}
	p, err := signin.New(set, signin.Options{
		Namespace: cfg.Namespace, HybridConnection: cfg.HybridConnection, RootCAs: cfg.RootCAs, Proxy: cfg.Proxy,
		Prompt: func(p entra.Prompt) { fmt.Fprintln(t.err, p.Message) },
	})
	if err != nil {
		return nil, explained(err, role)
	}
	if p == nil {
		return nil, nil // not an interface that holds nil
	}
	return p, nil
}

// signIn gets the first token and reports whose it is, before anything is
// connected. Keys and tokens of policies need nobody to sign in.
func signIn(ctx context.Context, cfg relayclient.Config, r *reporter, role relayclient.Role) error {
	p, ok := cfg.Token.(signin.Provider)
	if !ok || !p.Who().Way.Entra() {
		return nil
	}
	token, err := p.Token(ctx, relayclient.Audience(cfg.Namespace, cfg.HybridConnection))
	if err != nil {
		return err
	}
	r.signedIn(p.Who(), token.Expires, role)
	return nil
}

// interactive reports whether a person has to sign in.
func interactive(cfg relayclient.Config) bool {
	p, ok := cfg.Token.(signin.Provider)
	return ok && p.Who().Way.Interactive()
}

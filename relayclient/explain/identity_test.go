package explain_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/entra"
	"relayscope/relayclient/explain"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
	"relayscope/relayclient/signin"
)

func TestEveryKindOfIdentityFailureHasWordsOfItsOwn(t *testing.T) {
	seen := map[string]entra.Kind{}
	for kind := entra.WrongSecret; kind <= entra.Unreachable; kind++ {
		source := entra.FromAuthority
		if kind >= entra.IdentityNotFound && kind <= entra.MetadataBlocked {
			source = entra.FromVM
		}
		err := fmt.Errorf("get a token: %w", &entra.Error{Kind: kind, Source: source, Code: 700999, Host: "login.example", CorrelationID: "22f0", Err: errors.New("below")})
		m := explain.Error(err, relayclient.Listening)
		if m.Title == "" || m.Cause == "" || m.Next == "" || m.Title == "Signing in did not work" || m.Title == "The managed identity has no token" {
			t.Errorf("%v: %+v, want title, cause and next step of its own", kind, m)
		}
		if !strings.Contains(m.Cause, "AADSTS700999") || m.TrackingID != "22f0" || !strings.Contains(m.Raw, "below") {
			t.Errorf("%v: the code, the correlation ID or the raw error is lost: %+v", kind, m)
		}
		if other, dup := seen[m.Title]; dup {
			t.Errorf("%v and %v have the same title %q", kind, other, m.Title)
		}
		seen[m.Title] = kind
		if strings.HasSuffix(m.Title, ".") || !strings.HasSuffix(m.Cause, ".") || !strings.HasSuffix(m.Next, ".") || strings.Contains(m.Cause, "  ") {
			t.Errorf("%v: full stops are wrong in %+v", kind, m)
		}
	}
}

func TestIdentityFailureInContext(t *testing.T) {
	for name, tt := range map[string]struct {
		err   error
		title string
		says  string
	}{
		"portal":              {&entra.Error{Kind: entra.Unreachable, Source: entra.FromAuthority, Status: 302, Host: "login.example"}, "Something other than Microsoft Entra ID answered", "302"},
		"App Service is away": {&entra.Error{Kind: entra.Unreachable, Source: entra.FromAppService, Host: "127.0.0.1:1"}, "Managed identities cannot be reached", "App Service"},
		"proxy refuses":       {&entra.Error{Kind: entra.Unreachable, Source: entra.FromAuthority, Host: "login.example", Err: fmt.Errorf("%w: 407", relayclient.ErrProxy)}, "Microsoft Entra ID cannot be reached", "proxy was reached"},
		"key file is hidden":  {&entra.Error{Kind: entra.KeyFileUnreadable, Source: entra.FromArc, Err: fs.ErrNotExist}, "The key file of Azure Arc cannot be read", "not there"},
		"key file forbidden":  {&entra.Error{Kind: entra.KeyFileUnreadable, Source: entra.FromArc, Err: fs.ErrPermission}, "The key file of Azure Arc cannot be read", "himds"},
		"CLI, login too old":  {&entra.Error{Kind: entra.LoginNeeded, Source: entra.FromCLI}, "A person has to sign in", "az login"},
		"CLI is broken":       {&entra.Error{Source: entra.FromCLI}, "The Azure CLI has no token", "get-access-token"},
		"azd, login too old":  {&entra.Error{Kind: entra.LoginNeeded, Source: entra.FromDeveloperCLI}, "A person has to sign in", "azd auth login --scope"},
		"azd, signed out":     {&entra.Error{Kind: entra.CLISignedOut, Source: entra.FromDeveloperCLI}, "Nobody is signed in to the Azure Developer CLI", "azd auth login"},
		"azd is broken":       {&entra.Error{Source: entra.FromDeveloperCLI}, "The Azure Developer CLI has no token", "azd auth token"},
		"throttled":           {&entra.Error{Source: entra.FromVM, Status: 429}, "The managed identity has no token", "too often"},
		"authority is silent": {&entra.Error{Kind: entra.TimedOut, Source: entra.FromAuthority, Host: "login.example"}, "Signing in took too long", "login.example did not answer"},
		"nobody signed in":    {&entra.Error{Kind: entra.TimedOut, Source: entra.FromAuthority, Host: "login.example", Status: 400}, "Signing in took too long", "Nobody signed in"},
		"no URL":              {&entra.Error{Source: entra.FromAuthority, Err: entra.ErrAuthority}, "The authority cannot be used", "https://"},
		"unknown code":        {&entra.Error{Source: entra.FromAuthority, Status: 400, Code: 99999}, "Signing in did not work", "AADSTS99999"},
		"clock":               {&entra.Error{Kind: entra.ClockWrong, Source: entra.FromAuthority, Skew: time.Hour}, "This computer's clock is wrong", "1h0m0s behind"},
		"401 without words":   {&relayclient.HandshakeError{Op: "listen", StatusCode: 401, Entra: true}, "The identity lacks the role Azure Relay Listener", "5 minutes"},
		"500 without words":   {&relayclient.HandshakeError{Op: "listen", StatusCode: 500, Entra: true}, "The relay has trouble of its own", "shared access key"},
		"somebody else's 401": {&relayclient.HandshakeError{Op: "listen", StatusCode: 401, Entra: true, Foreign: true}, "Something other than Azure Relay answered", "401"},
		"expired SAS token":   {&signin.ExpiredTokenError{Expired: time.Unix(1, 0)}, "The token has expired", "cannot be renewed"},
		"half a workload":     {&entra.Error{Kind: entra.NoManagedIdentity, Source: entra.FromWorkload, Description: "AZURE_CLIENT_ID is not set"}, "The pod's workload identity is not complete", "AZURE_CLIENT_ID is not set."},
		"no workload token":   {&entra.Error{Kind: entra.KeyFileUnreadable, Source: entra.FromWorkload, Path: "/var/run/x", Err: fs.ErrNotExist}, "The token file of the workload identity cannot be read", "/var/run/x"},
		"workload by object":  {&entra.Error{Kind: entra.SelectorUnsupported, Source: entra.FromWorkload}, "An identity cannot be chosen like that here", "workload identity"},
		"workload, no tenant": {&entra.Error{Kind: entra.UnknownTenant, Source: entra.FromWorkload, Code: 90002}, "There is no such tenant", "AADSTS90002"},
		"nothing chosen":      {signin.ErrNoWay, "No way to sign in is chosen", "sign in"},
	} {
		t.Run(name, func(t *testing.T) {
			m := explain.Error(tt.err, relayclient.Listening)
			if m.Title != tt.title || !strings.Contains(m.Text(), tt.says) {
				t.Errorf("got\n%s\nwant title %q and %q in it", m.Text(), tt.title, tt.says)
			}
		})
	}
}

// A listener may turn a sender away with 403, too: that is not blamed on roles.
func TestSenderTurnedAway(t *testing.T) {
	err := &relayclient.HandshakeError{Op: "connect", StatusCode: 403, Reason: "not today", Entra: true}
	if _, lacks := explain.LacksRole(err, relayclient.Sending); lacks {
		t.Error("a role is said to be missing, which nobody knows")
	}
	if m := explain.Error(err, relayclient.Sending); m.Title != "Refused with 403" || !strings.Contains(m.Cause, "listener") {
		t.Errorf("got\n%s", m.Text())
	}
}

// The relay's own answers to tokens of Microsoft Entra ID.
func TestRelayRefusesAnIdentity(t *testing.T) {
	issuer := localrelaytest.NewIssuer(t)
	r := localrelaytest.New(t, func(cfg *localrelay.Config) { cfg.Issuers = append(cfg.Issuers, issuer.Issuer) })
	stranger := localrelaytest.NewIssuer(t)
	for name, tt := range map[string]struct {
		token string
		role  relayclient.Role
		want  string
	}{
		"no Listener role": {issuer.Token(t, "send", time.Hour), relayclient.Listening, "The identity lacks the role Azure Relay Listener"},
		"no Sender role":   {issuer.Token(t, "listen", time.Hour), relayclient.Sending, "The identity lacks the role Azure Relay Sender"},
		"other tenant":     {stranger.Token(t, "both", time.Hour), relayclient.Listening, "The relay does not believe the token's issuer"},
		"expired":          {issuer.Token(t, "both", -time.Hour), relayclient.Sending, "The token has expired"},
		"Service Bus": {issuer.Sign(t, map[string]any{"iss": issuer.Name, "aud": "https://servicebus.azure.net", "oid": "both", "exp": time.Now().Add(time.Hour).Unix()}),
			relayclient.Listening, "The token is for something else"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := relayclient.Config{Namespace: r.Namespace(), HybridConnection: "hyco", RootCAs: r.RootCAs(), Token: relayclient.StaticToken{Value: relayclient.NewSecret(tt.token)}}
			var err error
			if tt.role == relayclient.Listening {
				_, err = relayclient.Listen(t.Context(), cfg)
			} else {
				_, err = relayclient.Dial(t.Context(), cfg, relayclient.DialOptions{})
			}
			m := explain.Error(err, tt.role)
			if m.Title != tt.want || m.TrackingID == "" {
				t.Errorf("got\n%s\nwant %q with a tracking ID", m.Text(), tt.want)
			}
			if strings.Contains(name, "role") && !strings.Contains(m.Next, "up to 5 minutes") {
				t.Errorf("next step %q does not ask for patience", m.Next)
			}
		})
	}
}

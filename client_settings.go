package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"

	"relayscope/relayclient"
	"relayscope/relayclient/entra"
	"relayscope/relayclient/explain"
	"relayscope/relayclient/signin"
)

// clientSettings are the options that listen and send share.
type clientSettings struct {
	ConnectionStringEnv string `name:"connection-string-env" help:"Name of the environment variable that holds the connection string." placeholder:"VAR"`
	Namespace           string `name:"namespace" help:"Host of the namespace, such as contoso.servicebus.windows.net, in a connection string's place." placeholder:"HOST"`
	HybridConnection    string `name:"hybrid-connection" help:"Name of the hybrid connection, unless the connection string has it." placeholder:"NAME"`
	CAFile              string `name:"ca-file" help:"CA certificates (PEM) to trust on top of the system's." type:"path" placeholder:"FILE"`
	ProxyEnv            string `name:"proxy-env" help:"Name of the environment variable that holds the proxy's URL (http, https or socks5); otherwise HTTPS_PROXY and NO_PROXY count." placeholder:"VAR"`
	JSON                bool   `name:"json" help:"Write one JSON object per line."`

	signInSettings `embed:""`
}

// A problem is a failure in words. As an error it is what a terminal shows.
type problem explain.Message

func (p problem) Error() string { return explain.Message(p).Text() }

// explained puts a failure into words.
func explained(err error, role relayclient.Role) error {
	m := explain.Error(err, role)
	var cs *relayclient.ConnectionStringError
	var pa *relayclient.ProxyAddressError
	if errors.As(err, &cs) || errors.As(err, &pa) {
		m.Raw = "" // the cause has said it
	}
	return problem(m)
}

// explainedFor is explained for somebody who signed in with cfg: it adds the
// command that gives a role that is missing.
func explainedFor(cfg relayclient.Config, err error, role relayclient.Role) error {
	text := explained(err, role)
	p, known := cfg.Token.(signin.Provider)
	needed, lacks := explain.LacksRole(err, role)
	var m problem
	if known && lacks && errors.As(text, &m) {
		scope := entra.AssignmentScope{Namespace: cfg.Namespace, HybridConnection: cfg.HybridConnection}
		m.Next += "\nTo assign it: " + entra.RoleAssignment(needed, p.Who().Identity, scope)
		return m
	}
	return text
}

// variableName keeps a value that was given in a name's place from being
// repeated. No key and no token looks like this.
var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)

// check finds what is wrong with the options themselves.
func (s *clientSettings) check() error {
	variables := append(s.options(), option{"--connection-string-env", s.ConnectionStringEnv}, option{"--proxy-env", s.ProxyEnv})
	for _, o := range variables {
		if o.value != "" && strings.HasSuffix(o.name, "-env") && !variableName.MatchString(o.value) {
			return errors.New(o.name + " takes the name of an environment variable: letters, digits and underscores")
		}
	}
	switch {
	case s.ConnectionStringEnv == "" && s.Namespace == "":
		return errors.New("give --connection-string-env=VAR, or --namespace=HOST and --hybrid-connection=NAME")
	case s.ConnectionStringEnv != "" && s.Namespace != "":
		return errors.New("--namespace does not go with --connection-string-env, which names a namespace already")
	case s.Namespace != "" && s.HybridConnection == "":
		return errors.New("--namespace needs --hybrid-connection=NAME")
	}
	if s.Namespace != "" {
		if _, err := relayclient.CleanNamespace(s.Namespace); err != nil {
			return fmt.Errorf("--namespace: it %w", err)
		}
	}
	if s.HybridConnection != "" {
		if _, err := relayclient.CleanHybridConnection(s.HybridConnection); err != nil {
			return fmt.Errorf("--hybrid-connection: it %w", err)
		}
	}
	return s.checkSignIn(s.ConnectionStringEnv != "")
}

// connectionString reads the one that the options name, or makes one of them.
func (s *clientSettings) connectionString(role relayclient.Role) (relayclient.ConnectionString, error) {
	if s.ConnectionStringEnv == "" {
		return relayclient.ConnectionString{Namespace: s.Namespace, HybridConnection: s.HybridConnection}, nil
	}
	text := os.Getenv(s.ConnectionStringEnv)
	if text == "" {
		return relayclient.ConnectionString{}, problem{
			Title: "The environment variable " + s.ConnectionStringEnv + " is not set",
			Cause: "--connection-string-env names it, but it is missing or empty.",
			Next:  "Put the connection string into it and export it.",
		}
	}
	cs, err := relayclient.ParseConnectionString(text)
	if err != nil {
		return cs, explained(err, role)
	}
	switch {
	case cs.HybridConnection == "" && s.HybridConnection == "":
		return cs, problem{
			Title: "The connection string does not name a hybrid connection",
			Cause: "It is one for a whole namespace.",
			Next:  "Give its name with --hybrid-connection, or add ;EntityPath=NAME to the string.",
		}
	case cs.HybridConnection == "":
		cs.HybridConnection = s.HybridConnection
	case s.HybridConnection != "" && !strings.EqualFold(s.HybridConnection, cs.HybridConnection):
		return cs, problem{
			Title: "The connection string is for another hybrid connection",
			Cause: "It names " + cs.HybridConnection + ", and --hybrid-connection names " + s.HybridConnection + ".",
			Next:  "Leave --hybrid-connection out, or use a connection string of the namespace.",
		}
	case s.SignIn == "" && s.IdentityID+s.Audience != "" && !cs.ManagedIdentity:
		return cs, problem{
			Title: "The connection string does not ask for a managed identity",
			Cause: "--identity-id and --audience have no effect with a key or a token.",
			Next:  "Leave them out, or give --sign-in managed-identity.",
		}
	}
	return cs, nil
}

// config makes the client's settings of the options. How to sign in is in
// them, but nobody has signed in yet.
func (s *clientSettings) config(t *terminal, role relayclient.Role) (relayclient.Config, error) {
	cs, err := s.connectionString(role)
	if err != nil {
		return relayclient.Config{}, err
	}
	cfg := relayclient.Config{Namespace: cs.Namespace, HybridConnection: cs.HybridConnection, Logger: t.log}
	if cfg.Proxy, err = s.proxy(); err != nil {
		return cfg, err
	}
	cfg.ProxySource = s.ProxyEnv
	if cfg.RootCAs, err = s.roots(); err != nil {
		return cfg, err
	}
	cfg.Token, err = s.provider(t, cfg, cs, role)
	return cfg, err
}

// roots returns what --ca-file adds to the system's roots, or nil for those
// alone.
func (s *clientSettings) roots() (*x509.CertPool, error) {
	if s.CAFile == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(s.CAFile)
	if err != nil {
		return nil, problem{
			Title: "The file with CA certificates cannot be read",
			Cause: fmt.Sprintf("--ca-file: %v.", err),
			Next:  "Check the path. A local relay removes its temporary file when it stops.",
		}
	}
	roots, err := relayclient.Roots(pem)
	if err != nil || roots == nil {
		return nil, problem{
			Title: "The file with CA certificates holds none that can be used",
			Cause: "--ca-file names " + s.CAFile + ".",
			Next:  "Give a PEM file, with -----BEGIN CERTIFICATE----- in it.",
		}
	}
	return roots, nil
}

// proxy returns what --proxy-env asks for, or nil for what the system says.
func (s *clientSettings) proxy() (func(*http.Request) (*url.URL, error), error) {
	if s.ProxyEnv == "" {
		return nil, nil
	}
	address := os.Getenv(s.ProxyEnv)
	if address == "" {
		return nil, problem{
			Title: "The environment variable " + s.ProxyEnv + " is not set",
			Cause: "--proxy-env names it, but it is missing or empty.",
			Next:  "Put the proxy's URL into it and export it, or leave the option out.",
		}
	}
	u, err := relayclient.ParseProxy(address)
	if err != nil {
		return nil, explained(&relayclient.ProxyAddressError{Variable: s.ProxyEnv, Err: err}, 0)
	}
	return http.ProxyURL(u), nil
}

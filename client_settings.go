package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"

	"relayscope/relayclient"
	"relayscope/relayclient/explain"
)

// clientSettings are the options that listen and send share.
type clientSettings struct {
	ConnectionStringEnv string `required:"" name:"connection-string-env" help:"Name of the environment variable that holds the connection string." placeholder:"VAR"`
	CAFile              string `name:"ca-file" help:"CA certificates (PEM) to trust on top of the system's." type:"path" placeholder:"FILE"`
	ProxyEnv            string `name:"proxy-env" help:"Name of the environment variable that holds the proxy's URL (http, https or socks5); otherwise HTTPS_PROXY and NO_PROXY count." placeholder:"VAR"`
	JSON                bool   `name:"json" help:"Write one JSON object per line."`
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

// variableName keeps a value that was given in a name's place from being
// repeated. No key and no token looks like this.
var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)

// check finds what is wrong with the options themselves.
func (s *clientSettings) check() error {
	for _, option := range []struct{ name, value string }{{"--connection-string-env", s.ConnectionStringEnv}, {"--proxy-env", s.ProxyEnv}} {
		if option.value != "" && !variableName.MatchString(option.value) {
			return errors.New(option.name + " takes the name of an environment variable: letters, digits and underscores")
		}
	}
	return nil
}

// config reads the connection string and makes the client's settings of it.
func (s *clientSettings) config(t *terminal, role relayclient.Role) (relayclient.Config, error) {
	text := os.Getenv(s.ConnectionStringEnv)
	if text == "" {
		return relayclient.Config{}, problem{
			Title: "The environment variable " + s.ConnectionStringEnv + " is not set",
			Cause: "--connection-string-env names it, but it is missing or empty.",
			Next:  "Put the connection string into it and export it.",
		}
	}
	cs, err := relayclient.ParseConnectionString(text)
	if err != nil {
		return relayclient.Config{}, explained(err, role)
	}
	switch {
	case cs.HybridConnection == "":
		return relayclient.Config{}, problem{
			Title: "The connection string does not name a hybrid connection",
			Cause: "It is one for a whole namespace.",
			Next:  "Add ;EntityPath=NAME with the name of the hybrid connection.",
		}
	case cs.ManagedIdentity:
		return relayclient.Config{}, problem{
			Title: "The connection string asks for a managed identity",
			Cause: "This version cannot sign in with one.",
			Next:  "Use a connection string with SharedAccessKeyName and SharedAccessKey.",
		}
	}
	cfg := relayclient.Config{Namespace: cs.Namespace, HybridConnection: cs.HybridConnection, Logger: t.log}
	switch {
	case !cs.Key.Empty():
		cfg.Token = relayclient.SharedAccessKey{KeyName: cs.KeyName, Key: cs.Key}
	case !cs.Token.Empty():
		cfg.Token = relayclient.StaticToken{Value: cs.Token}
	}
	if cfg.Proxy, err = s.proxy(); err != nil {
		return cfg, err
	}
	cfg.ProxySource = s.ProxyEnv
	if s.CAFile == "" {
		return cfg, nil
	}
	pem, err := os.ReadFile(s.CAFile)
	if err != nil {
		return cfg, problem{
			Title: "The file with CA certificates cannot be read",
			Cause: fmt.Sprintf("--ca-file: %v.", err),
			Next:  "Check the path. A local relay removes its temporary file when it stops.",
		}
	}
	if cfg.RootCAs, err = relayclient.Roots(pem); err != nil || cfg.RootCAs == nil {
		return cfg, problem{
			Title: "The file with CA certificates holds none that can be used",
			Cause: "--ca-file names " + s.CAFile + ".",
			Next:  "Give a PEM file, with -----BEGIN CERTIFICATE----- in it.",
		}
	}
	return cfg, nil
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

package main

import (
	"errors"
	"fmt"
	"os"

	"relayscope/relayclient"
	"relayscope/relayclient/explain"
)

// clientSettings are the options that listen and send share.
type clientSettings struct {
	ConnectionStringEnv string `required:"" name:"connection-string-env" help:"Name of the environment variable that holds the connection string." placeholder:"VAR"`
	CAFile              string `name:"ca-file" help:"CA certificates (PEM) to trust on top of the system's." type:"path" placeholder:"FILE"`
	JSON                bool   `name:"json" help:"Write one JSON object per line."`
}

// config reads the connection string and makes the client's settings of it.
func (s *clientSettings) config(t *terminal) (relayclient.Config, error) {
	text, ok := os.LookupEnv(s.ConnectionStringEnv)
	if !ok || text == "" {
		return relayclient.Config{}, errors.New("the environment variable that --connection-string-env names is not set")
	}
	cs, err := relayclient.ParseConnectionString(text)
	if err != nil {
		return relayclient.Config{}, err
	}
	switch {
	case cs.HybridConnection == "":
		return relayclient.Config{}, errors.New("the connection string is a whole namespace's: add ;EntityPath=NAME with the name of the hybrid connection")
	case cs.ManagedIdentity:
		return relayclient.Config{}, errors.New("the connection string asks for a managed identity, which this version cannot use; take one with SharedAccessKey")
	}
	cfg := relayclient.Config{Namespace: cs.Namespace, HybridConnection: cs.HybridConnection, Logger: t.log}
	switch {
	case !cs.Key.Empty():
		cfg.Token = relayclient.SharedAccessKey{KeyName: cs.KeyName, Key: cs.Key}
	case !cs.Token.Empty():
		cfg.Token = relayclient.StaticToken{Value: cs.Token}
	}
	if s.CAFile != "" {
		pem, err := os.ReadFile(s.CAFile)
		if err != nil {
			return cfg, fmt.Errorf("--ca-file: %w", err)
		}
		if cfg.RootCAs, err = relayclient.Roots(pem); err != nil || cfg.RootCAs == nil {
			return cfg, fmt.Errorf("--ca-file %s: %w", s.CAFile, relayclient.ErrNoCertificates)
		}
	}
	return cfg, nil
}

// explained puts a failure into words for a terminal.
func explained(err error, role relayclient.Role) error {
	return errors.New(explain.Error(err, role).Text())
}

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"relayscope/relayclient/localrelay"
)

type relayCommand struct {
	Listen string   `help:"Loopback address to listen on." placeholder:"127.0.0.1:PORT"`
	Entity []string `help:"A hybrid connection; may be repeated. With \",anonymous\" its senders need no token. Default: hyco." placeholder:"NAME[,anonymous]" sep:"none"`
	CAFile string   `name:"ca-file" help:"Where to write the relay's CA certificate (PEM). Default: a temporary file, removed at the end." type:"path" placeholder:"FILE"`
	JSON   bool     `name:"json" help:"Write one JSON object per line."`
}

// The rules that every hybrid connection of the command has.
const (
	ruleListen     = "listen"
	ruleSend       = "send"
	ruleListenSend = "listen-send"
)

// readyLine is the first line with --json. Others script against it.
type readyLine struct {
	Event    string        `json:"event"`
	Host     string        `json:"host"`
	Port     int           `json:"port"`
	CAFile   string        `json:"ca_file"`
	Entities []readyEntity `json:"entities"`
}

type readyEntity struct {
	Name       string `json:"name"`
	Anonymous  bool   `json:"anonymous"`
	Listen     string `json:"listen"`
	Send       string `json:"send"`
	ListenSend string `json:"listen_send"`
}

// Run serves until it is interrupted.
func (c *relayCommand) Run(t *terminal) (err error) {
	entities, err := c.entities()
	if err != nil {
		return err
	}
	relay, err := localrelay.Start(localrelay.Config{Listen: c.Listen, Entities: entities, Logger: t.log})
	if err != nil {
		return fmt.Errorf("the local relay does not start: %w", err)
	}
	defer relay.Close()
	file, remove, err := c.writeCertificate(relay.CertificatePEM())
	if err != nil {
		return fmt.Errorf("the CA certificate cannot be written: %w", err)
	}
	defer remove()
	ready := readyLine{Event: "ready", Host: relay.Host(), Port: relay.Port(), CAFile: file}
	for _, e := range entities {
		line := readyEntity{Name: e.Name, Anonymous: e.Anonymous}
		for rule, to := range map[string]*string{ruleListen: &line.Listen, ruleSend: &line.Send, ruleListenSend: &line.ListenSend} {
			cs, err := relay.ConnectionString(e.Name, rule)
			if err != nil {
				return err
			}
			*to = cs.Reveal()
		}
		ready.Entities = append(ready.Entities, line)
	}
	if err := c.announce(t, ready); err != nil {
		return err
	}
	<-t.Done()
	return nil
}

func (c *relayCommand) entities() ([]localrelay.Entity, error) {
	names := c.Entity
	if len(names) == 0 {
		names = []string{"hyco"}
	}
	var list []localrelay.Entity
	for _, text := range names {
		name, option, hasOption := strings.Cut(text, ",")
		if hasOption && option != "anonymous" {
			return nil, fmt.Errorf("--entity %q: the only option is \",anonymous\"", text)
		}
		list = append(list, localrelay.Entity{Name: name, Anonymous: hasOption, Rules: []localrelay.Rule{
			{Name: ruleListen, PrimaryKey: localrelay.NewKey(), Rights: localrelay.Listen},
			{Name: ruleSend, PrimaryKey: localrelay.NewKey(), Rights: localrelay.Send},
			{Name: ruleListenSend, PrimaryKey: localrelay.NewKey(), Rights: localrelay.Listen | localrelay.Send},
		}})
	}
	return list, nil
}

// writeCertificate returns where the certificate is and how to clean up.
func (c *relayCommand) writeCertificate(pem []byte) (file string, remove func(), err error) {
	if c.CAFile != "" {
		return c.CAFile, func() {}, os.WriteFile(c.CAFile, pem, 0o644)
	}
	dir, err := os.MkdirTemp("", "relayscope-relay-")
	if err != nil {
		return "", nil, err
	}
	file = filepath.Join(dir, "ca.pem")
	return file, func() { os.RemoveAll(dir) }, os.WriteFile(file, pem, 0o644)
}

func (c *relayCommand) announce(t *terminal, ready readyLine) error {
	if c.JSON {
		return json.NewEncoder(t.out).Encode(ready)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "The local relay is ready at sb://%s:%d/\n", ready.Host, ready.Port)
	fmt.Fprintf(&b, "Its CA certificate is in %s\n", ready.CAFile)
	for _, e := range ready.Entities {
		fmt.Fprintf(&b, "\n%s", e.Name)
		if e.Anonymous {
			b.WriteString(" (senders need no token)")
		}
		fmt.Fprintf(&b, "\n  listen       %s\n  send         %s\n  listen+send  %s\n", e.Listen, e.Send, e.ListenSend)
	}
	b.WriteString("\nStop it with Ctrl+C.\n")
	_, err := t.out.Write([]byte(b.String()))
	return err
}

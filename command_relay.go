package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
)

type relayCommand struct {
	Listen string   `help:"Loopback address to listen on." placeholder:"127.0.0.1:PORT"`
	Entity []string `help:"A hybrid connection; may be repeated. With \",anonymous\" its senders need no token. Default: hyco." placeholder:"NAME[,anonymous]" sep:"none"`
	CAFile string   `name:"ca-file" help:"Where to write the relay's CA certificate (PEM). Default: a temporary file, removed at the end." type:"path" placeholder:"FILE"`
	JSON   bool     `name:"json" help:"Write one JSON object per line."`

	Fault       []string `help:"Something that is to go wrong, such as refuse:on=connect,status=503 or cut:after=3; may be repeated." placeholder:"TEXT" sep:"none"`
	Control     string   `help:"Loopback address of a control endpoint, where faults can be asked for while the relay runs; port 0 takes one that is free." placeholder:"127.0.0.1:PORT"`
	ControlFile string   `name:"control-file" help:"Where to write the control endpoint's URL and token (JSON), removed at the end. Default: a temporary file." type:"path" placeholder:"FILE"`
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
	Control  string        `json:"control,omitempty"` // the file that --control writes
}

type readyEntity struct {
	Name       string `json:"name"`
	Anonymous  bool   `json:"anonymous"`
	Listen     string `json:"listen"`
	Send       string `json:"send"`
	ListenSend string `json:"listen_send"`
}

// Validate makes a wrong option a wrong command line.
func (c *relayCommand) Validate() error {
	if err := checkLoopback(c.Listen); err != nil {
		return err
	}
	if err := c.checkControl(); err != nil {
		return err
	}
	if _, err := c.faults(); err != nil {
		return err
	}
	_, err := c.entities()
	return err
}

// checkLoopback says which addresses there are to choose from. That they are
// the only ones is the relay's own rule.
func checkLoopback(address string) error {
	if address == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && (strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()) {
		return nil
	}
	return fmt.Errorf("--listen %q: the local relay serves this computer only; give 127.0.0.1:PORT, [::1]:PORT or localhost:PORT", address)
}

// Run serves until it is interrupted.
func (c *relayCommand) Run(t *terminal) error {
	entities, err := c.entities()
	if err != nil {
		return err
	}
	relay, err := localrelay.Start(localrelay.Config{Listen: c.Listen, Entities: entities, Logger: t.log})
	if err != nil {
		return problem{
			Title: "The local relay does not start",
			Cause: fmt.Sprintf("The reason given is: %v.", err),
			Next:  "If the port is taken, give another one with --listen, or port 0 for any that is free.",
		}
	}
	defer relay.Close()
	file, remove, err := c.writeCertificate(relay.CertificatePEM())
	defer remove()
	if err != nil {
		return problem{
			Title: "The CA certificate cannot be written",
			Cause: fmt.Sprintf("The reason given is: %v.", err),
			Next:  "Give a file in a folder that exists and can be written to, with --ca-file.",
		}
	}
	if err := c.arm(relay); err != nil {
		return err
	}
	control, end, err := c.serveControl(relay, t.log)
	defer end()
	if err != nil {
		return problem{
			Title: "The control endpoint does not start",
			Cause: fmt.Sprintf("The reason given is: %v.", err),
			Next:  "Give a port that is free with --control, and with --control-file a file in a folder that can be written to.",
		}
	}
	ready := readyLine{Event: "ready", Host: relay.Host(), Port: relay.Port(), CAFile: file, Control: control}
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
	texts := c.Entity
	if len(texts) == 0 {
		texts = []string{"hyco"}
	}
	var list []localrelay.Entity
	seen := map[string]bool{}
	for _, text := range texts {
		name, option, hasOption := strings.Cut(text, ",")
		if hasOption && option != "anonymous" {
			return nil, fmt.Errorf("--entity %q: the only option is \",anonymous\"", text)
		}
		name, err := relayclient.CleanHybridConnection(name)
		if err != nil {
			return nil, fmt.Errorf("--entity %q: the name %w", text, err)
		}
		if key := strings.ToLower(name); seen[key] {
			return nil, fmt.Errorf("--entity %q: the name is there twice", text)
		} else {
			seen[key] = true
		}
		list = append(list, localrelay.Entity{Name: name, Anonymous: hasOption, Rules: []localrelay.Rule{
			{Name: ruleListen, PrimaryKey: localrelay.NewKey(), Rights: localrelay.Listen},
			{Name: ruleSend, PrimaryKey: localrelay.NewKey(), Rights: localrelay.Send},
			{Name: ruleListenSend, PrimaryKey: localrelay.NewKey(), Rights: localrelay.Listen | localrelay.Send},
		}})
	}
	return list, nil
}

// writeCertificate returns where the certificate is and how to clean up, which
// is never nil.
func (c *relayCommand) writeCertificate(pem []byte) (file string, remove func(), err error) {
	if c.CAFile != "" {
		return c.CAFile, func() {}, os.WriteFile(c.CAFile, pem, 0o644)
	}
	dir, err := os.MkdirTemp("", "relayscope-relay-")
	if err != nil {
		return "", func() {}, err
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
	b.WriteString("Clients must trust it: Relayscope with --ca-file, Node with NODE_EXTRA_CA_CERTS.\n")
	if ready.Control != "" {
		fmt.Fprintf(&b, "The control endpoint's URL and token are in %s\n", ready.Control)
	}
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

package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
)

// controlFile is what a program must know to use the control endpoint. Whoever
// can read the file can make the relay misbehave, so it is for its owner only.
type controlFile struct {
	URL   string `json:"url"`
	Token string `json:"token"`
}

// checkControl makes a wrong option a wrong command line.
func (c *relayCommand) checkControl() error {
	if c.Control == "" && c.ControlFile != "" {
		return errors.New("--control-file is of no use without --control")
	}
	if c.Control == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(c.Control)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("--control %q: the control endpoint serves this computer only; give 127.0.0.1:PORT or [::1]:PORT, with port 0 for any that is free", c.Control)
	}
	return nil
}

// faults reads the options --fault.
func (c *relayCommand) faults() ([]localrelay.Fault, error) {
	var list []localrelay.Fault
	for _, text := range c.Fault {
		f, err := localrelay.ParseFault(text)
		if err != nil {
			return nil, fmt.Errorf("--fault %q: %w", text, err)
		}
		if f.AtOnce() {
			return nil, fmt.Errorf("--fault %q: it acts on the listeners that are online, of which there are none at the start; ask for it with --control", text)
		}
		list = append(list, f)
	}
	return list, nil
}

// arm injects the faults of the command line.
func (c *relayCommand) arm(relay *localrelay.Relay) error {
	faults, err := c.faults()
	for _, f := range faults {
		if err == nil {
			_, err = relay.Inject(f)
		}
	}
	if err == nil {
		return nil
	}
	return problem{
		Title: "A fault cannot be armed",
		Cause: fmt.Sprintf("The reason given is: %v.", err),
		Next:  "Give the name of a hybrid connection that --entity makes, or leave the option entity out.",
	}
}

// serveControl serves the control endpoint, if one is wanted, and returns the
// name of its file and how to end it, which is never nil.
func (c *relayCommand) serveControl(relay *localrelay.Relay, log *slog.Logger) (file string, end func(), err error) {
	end = func() {}
	if c.Control == "" {
		return "", end, nil
	}
	l, err := net.Listen("tcp", c.Control)
	if err != nil {
		return "", end, err
	}
	token := rand.Text()
	server := &http.Server{
		Handler:           relay.Control(relayclient.NewSecret(token)),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       10 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(l) // it always ends with an error: it was closed
	}()
	file, remove, err := c.writeControlFile(controlFile{URL: "http://" + l.Addr().String(), Token: token})
	end = func() {
		server.Close()
		<-served
		remove() // the token in it is good for nothing any more
	}
	return file, end, err
}

// writeControlFile writes the file in one step, so that whoever waits for it
// never reads half of it.
func (c *relayCommand) writeControlFile(content controlFile) (file string, remove func(), err error) {
	text, err := json.Marshal(content)
	if err != nil {
		return "", func() {}, err
	}
	dir := filepath.Dir(c.ControlFile)
	if c.ControlFile == "" {
		if dir, err = os.MkdirTemp("", "relayscope-control-"); err != nil {
			return "", func() {}, err
		}
		file = filepath.Join(dir, "control.json")
		remove = func() { os.RemoveAll(dir) }
	} else {
		file = c.ControlFile
		remove = func() { os.Remove(file) }
	}
	temporary, err := os.CreateTemp(dir, ".control-*") // for its owner only
	if err != nil {
		if c.ControlFile != "" {
			remove = func() {} // what is there is not ours
		}
		return file, remove, err
	}
	_, err = temporary.Write(append(text, '\n'))
	err = errors.Join(err, temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), file)
	}
	if err != nil {
		os.Remove(temporary.Name())
		if c.ControlFile != "" {
			remove = func() {}
		}
	}
	return file, remove, err
}

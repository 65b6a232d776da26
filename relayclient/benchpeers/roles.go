package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
)

// profileVariable names the folder for CPU profiles.
const profileVariable = "BENCHPEERS_PROFILES"

// play is the whole life of a child process.
func play(ctx context.Context, role string) (err error) {
	if folder := os.Getenv(profileVariable); folder != "" {
		f, err := os.Create(filepath.Join(folder, strings.ReplaceAll(role, " ", "-")+".pprof"))
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	client, relay, isClient := strings.Cut(role, " over ")
	if isClient {
		return playClient(ctx, client, relay)
	}
	return playRelay(role)
}

// playRelay relays until standard input ends.
func playRelay(role string) error {
	var at address
	var stop func() error
	var err error
	switch role {
	case "localrelay":
		at, stop, err = startLocalRelay()
	case "splice":
		at, stop, err = startSplice()
	case "foreign relay":
		at, stop, err = startForeignRelay()
	default:
		err = fmt.Errorf("unknown role %q", role)
	}
	if err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(at); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return errors.Join(err, stop())
}

// playClient carries out orders until standard input ends.
func playClient(ctx context.Context, name, relay string) error {
	orders := json.NewDecoder(bufio.NewReader(os.Stdin))
	answers := json.NewEncoder(os.Stdout)
	var at address
	if err := orders.Decode(&at); err != nil {
		return fmt.Errorf("read the relay's address: %w", err)
	}
	c, err := newClient(ctx, name, relay, at)
	if err != nil {
		return err
	}
	w := worker{client: c}
	for {
		var o order
		if err := orders.Decode(&o); errors.Is(err, io.EOF) {
			return w.close()
		} else if err != nil {
			return fmt.Errorf("read an order: %w", err)
		}
		done, err := w.do(ctx, o)
		if err != nil {
			done.Error = err.Error()
		}
		if err := answers.Encode(done); err != nil {
			return err
		}
	}
}

func newClient(ctx context.Context, name, relay string, at address) (client, error) {
	switch {
	case name == "ours":
		return newOurs(ctx, at)
	case relay == "splice":
		return newSpliced(at)
	case name == "floor":
		return newFloor(ctx, at)
	}
	return nil, fmt.Errorf("unknown client %q", name)
}

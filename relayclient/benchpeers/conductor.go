package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// A conductor starts the processes and lets them take turns.
type conductor struct {
	options options
	scratch string // folder
	clients string // folder of Microsoft's clients
	relays  map[string]*process
	at      map[string]address
	running map[contestant]*process
	missing map[string]bool // clients that are not on this machine
}

func newConductor(ctx context.Context, o options) (*conductor, error) {
	scratch, err := os.MkdirTemp("", "benchpeers")
	if err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	c := &conductor{
		options: o, scratch: scratch, clients: os.Getenv("RELAYSCOPE_NODE_CLIENTS"),
		relays: map[string]*process{}, at: map[string]address{}, running: map[contestant]*process{}, missing: map[string]bool{},
	}
	for _, relay := range []string{"localrelay", "splice", "foreign relay"} {
		if err := c.startRelay(ctx, relay); err != nil {
			c.close()
			return nil, err
		}
	}
	return c, nil
}

func (c *conductor) startRelay(ctx context.Context, relay string) error {
	p, err := startSelf(ctx, relay, c.options.profiles)
	if err != nil {
		return err
	}
	c.relays[relay] = p
	var at address
	if err := p.hear(&at); err != nil {
		return err
	}
	c.at[relay] = at
	if relay != "localrelay" {
		return nil
	}
	return os.WriteFile(certificateFile(c.scratch), []byte(at.CA), 0o600)
}

// close ends every process, the clients first.
func (c *conductor) close() error {
	errs := []error{c.dismiss()}
	for _, p := range c.relays {
		errs = append(errs, p.close())
	}
	return errors.Join(append(errs, os.RemoveAll(c.scratch))...)
}

// dismiss ends the clients.
func (c *conductor) dismiss() error {
	var errs []error
	for who, p := range c.running {
		errs = append(errs, p.close())
		delete(c.running, who)
	}
	return errors.Join(errs...)
}

// launch starts a client and introduces it to its relay.
func (c *conductor) launch(ctx context.Context, who contestant) (*process, error) {
	var p *process
	var err error
	switch who.client {
	case "hyco-ws", "hyco-https":
		if c.clients == "" {
			return nil, errNoClients
		}
		if _, err := os.Stat(filepath.Join(c.clients, "node_modules", who.client)); err != nil {
			return nil, errNoClients
		}
		if _, err := exec.LookPath("node"); err != nil {
			return nil, errNoClients
		}
		p, err = startNode(ctx, who.client, c.clients, c.scratch)
	default:
		p, err = startSelf(ctx, who.client+" over "+who.relay, c.options.profiles)
	}
	if err != nil {
		return nil, err
	}
	at := c.at[who.relay]
	at.HybridConnection = who.client
	if err := p.tell(at); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// client returns a running client, or nil if it is not on this machine.
func (c *conductor) client(ctx context.Context, who contestant) (*process, error) {
	if p := c.running[who]; p != nil || c.missing[who.client] {
		return p, nil
	}
	p, err := c.launch(ctx, who)
	if errors.Is(err, errNoClients) {
		fmt.Fprintf(os.Stderr, "%s is left out: it is not in the folder that RELAYSCOPE_NODE_CLIENTS names, or there is no Node.\n", who.client)
		c.missing[who.client] = true
		return nil, nil
	}
	if err == nil {
		c.running[who] = p
	}
	return p, err
}

// rounds holds the outcomes of one figure. What was measured in the same round
// has the same index.
type rounds map[contestant][]outcome

// measure returns what it could measure even if something broke.
func (c *conductor) measure(ctx context.Context, figures []figure) ([]row, error) {
	var rows []row
	var errs []error
	for _, f := range figures {
		fmt.Fprintf(os.Stderr, "%s …\n", f.title)
		play := c.play
		if f.order.Op == "idle" {
			play = c.playIdle
		}
		got, err := play(ctx, f)
		if err != nil {
			// Whatever they were about, the next figure begins with new ones.
			errs = append(errs, fmt.Errorf("%s: %w", f.title, err), c.dismiss())
		}
		if ctx.Err() != nil {
			break
		}
		if c.options.cpu && f.order.Op != "idle" {
			f = f.withTime()
		}
		rows = append(rows, f.rows(got)...)
	}
	return rows, errors.Join(errs...)
}

// play lets the contestants of a figure take turns.
func (c *conductor) play(ctx context.Context, f figure) (rounds, error) {
	field := f.contestants()
	for _, who := range field {
		if _, err := c.client(ctx, who); err != nil {
			return nil, err
		}
	}
	field = slices.DeleteFunc(field, func(who contestant) bool { return c.missing[who.client] })
	count, err := c.calibrate(f, field)
	if err != nil {
		return nil, err
	}
	f.order.Count = count
	got := rounds{}
	for range c.options.rounds {
		for _, who := range field {
			o, err := c.do(who, f.order)
			if err != nil {
				return nil, err
			}
			got[who] = append(got[who], o)
		}
		slices.Reverse(field) // nobody always follows the same one
	}
	return got, ctx.Err()
}

// do has an order carried out and notes the time it took of the processor.
func (c *conductor) do(who contestant, order order) (outcome, error) {
	p, relay := c.running[who], c.relays[who.relay]
	client, relayed := p.cpu(), relay.cpu()
	o, err := p.do(order)
	o.Client, o.Relay = p.cpu()-client, relay.cpu()-relayed
	return o, err
}

// calibrate finds out how much work fills a round, and warms everybody up. It
// goes by the best of several tries, or one bad moment would make every round
// too short to tell anything.
func (c *conductor) calibrate(f figure, field []contestant) (int, error) {
	o := f.order
	o.Count = 16
	first := c.running[field[0]]
	best := 0.0
	for tries := 0; tries < 4; {
		got, err := first.do(o)
		if err != nil {
			return 0, err
		}
		best = max(best, got.rate())
		if got.Seconds < 0.1 {
			o.Count *= 4
			continue
		}
		tries++
		o.Count = max(int(best*c.options.length.Seconds()), 16)
	}
	warm := o
	warm.Count = max(o.Count/4, 16)
	for _, who := range field[1:] {
		if _, err := c.running[who].do(warm); err != nil {
			return 0, err
		}
	}
	return o.Count, nil
}

// playIdle starts every client anew, because memory once used is never given
// back completely. Memory does not depend on what else the machine does, so
// one round is enough.
func (c *conductor) playIdle(ctx context.Context, f figure) (rounds, error) {
	// Two listeners on one hybrid connection would share its senders.
	if err := c.dismiss(); err != nil {
		return nil, err
	}
	got := rounds{}
	for _, who := range f.contestants() {
		p, err := c.launch(ctx, who)
		if errors.Is(err, errNoClients) {
			continue
		}
		if err != nil {
			return nil, err
		}
		o, err := p.do(f.order)
		if ended := p.close(); err == nil {
			err = ended
		}
		if err != nil {
			return nil, err
		}
		got[who] = append(got[who], o)
	}
	return got, nil
}

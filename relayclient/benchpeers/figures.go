package main

import (
	"fmt"
	"slices"
	"strings"
)

// A contestant is a client over a relay.
type contestant struct{ client, relay string }

func (c contestant) String() string {
	if c.client == "hyco-ws" || c.client == "hyco-https" || c.relay == "localrelay" && c.client == "ours" {
		return c.client
	}
	return c.client + " over " + c.relay
}

var (
	ours         = contestant{"ours", "localrelay"}
	floor        = contestant{"floor", "localrelay"}
	limit        = contestant{"floor", "splice"}
	oursForeign  = contestant{"ours", "foreign relay"}
	floorForeign = contestant{"floor", "foreign relay"}
	hycoWS       = contestant{"hyco-ws", "localrelay"}
	hycoHTTPS    = contestant{"hyco-https", "localrelay"}
)

// A metric is one number of an outcome.
type metric struct {
	name  string
	value func(outcome) float64
	unit  func(float64) string
}

var (
	rate       = metric{"", outcome.rate, perSecond}
	p50        = metric{"p50", func(o outcome) float64 { return o.P50 }, micros}
	p99        = metric{"p99", func(o outcome) float64 { return o.P99 }, micros}
	memory     = metric{"", func(o outcome) float64 { return o.Bytes }, kibibytes}
	clientTime = metric{"client's CPU for each", func(o outcome) float64 { return o.Client / float64(o.Count) }, micros}
	relayTime  = metric{"relay's CPU for each", func(o outcome) float64 { return o.Relay / float64(o.Count) }, micros}
)

// A comparison puts two contestants side by side, or one beside a bound if
// there is no second.
type comparison struct {
	metric  metric
	a, b    contestant
	atLeast float64 // wanted of a's number divided by b's, or
	atMost  float64
}

// A figure is one kind of work.
type figure struct {
	name, title string
	order       order
	comparisons []comparison
}

func figures() []figure {
	ping := func() []comparison {
		return []comparison{
			{p50, ours, floor, 0, 1.05}, {p99, ours, floor, 0, 1.2},
			{p50, ours, hycoWS, 0, 0}, {p99, ours, hycoWS, 0, 1.0 / 3},
			{p50, oursForeign, floorForeign, 0, 0},
			{p50, limit, floor, 0.90, 0},
		}
	}
	return []figure{
		{"stream64k", "one way, 64 KiB messages", order{Op: "stream", Size: 64 << 10}, []comparison{
			{rate, ours, floor, 0.95, 0}, {rate, ours, hycoWS, 2, 0}, {rate, oursForeign, floorForeign, 0, 0}, {rate, floor, limit, 0.90, 0},
		}},
		{"stream1k", "one way, 1 KiB messages", order{Op: "stream", Size: 1 << 10}, []comparison{
			{rate, ours, limit, 1.8, 0}, {rate, oursForeign, floorForeign, 1.05, 0}, {rate, ours, floor, 0, 0}, {rate, ours, hycoWS, 0, 0}, {rate, floor, limit, 0.90, 0},
		}},
		{"ping64", "ping-pong, 64 B", order{Op: "pingpong", Size: 64}, ping()},
		{"ping1k", "ping-pong, 1 KiB", order{Op: "pingpong", Size: 1 << 10}, ping()},
		{"http1", "HTTP requests, one at a time", order{Op: "http", Size: 1 << 10, InFlight: 1}, []comparison{
			{rate, ours, hycoHTTPS, 2, 0}, {rate, ours, floor, 0, 0},
		}},
		{"http16", "HTTP requests, 16 in flight", order{Op: "http", Size: 1 << 10, InFlight: 16}, []comparison{
			{rate, ours, hycoHTTPS, 1.5, 0}, {rate, ours, floor, 0, 0},
		}},
		{"connect", "connect, accept, close", order{Op: "connect"}, []comparison{
			{rate, ours, floor, 0.95, 0}, {rate, ours, hycoWS, 0, 0},
		}},
		{"idle", "memory of an idle end, 1,000 connections", order{Op: "idle", Count: 1000}, []comparison{
			{memory, ours, contestant{}, 0, 40 << 10}, {memory, ours, floor, 0, 0}, {memory, ours, hycoWS, 0, 0},
		}},
	}
}

func figureNames() []string {
	var names []string
	for _, f := range figures() {
		names = append(names, f.name)
	}
	return names
}

// chosen returns the figures of these names, or all.
func chosen(names []string) ([]figure, error) {
	all := figures()
	for _, name := range names {
		if !slices.ContainsFunc(all, func(f figure) bool { return f.name == name }) {
			return nil, fmt.Errorf("no figure %q; there are %s", name, strings.Join(figureNames(), ", "))
		}
	}
	if len(names) == 0 {
		return all, nil
	}
	return slices.DeleteFunc(all, func(f figure) bool { return !slices.Contains(names, f.name) }), nil
}

// contestants returns everybody who takes part, in the order of mention.
func (f figure) contestants() []contestant {
	var all []contestant
	for _, c := range f.comparisons {
		for _, who := range []contestant{c.a, c.b} {
			if who != (contestant{}) && !slices.Contains(all, who) {
				all = append(all, who)
			}
		}
	}
	return all
}

// withTime returns f with the processor time of everybody compared.
func (f figure) withTime() figure {
	type pair struct{ a, b contestant }
	seen := map[pair]bool{}
	for _, c := range slices.Clone(f.comparisons) {
		if who := (pair{c.a, c.b}); c.b != (contestant{}) && !seen[who] {
			seen[who] = true
			f.comparisons = append(f.comparisons, comparison{clientTime, c.a, c.b, 0, 0}, comparison{relayTime, c.a, c.b, 0, 0})
		}
	}
	return f
}

func perSecond(v float64) string { return fmt.Sprintf("%s/s", thousands(v)) }
func kibibytes(v float64) string { return fmt.Sprintf("%.1f KiB", v/1024) }

func micros(v float64) string {
	if v *= 1e6; v < 99.95 {
		return fmt.Sprintf("%.1f µs", v)
	}
	return thousands(v) + " µs"
}

func thousands(v float64) string {
	text := fmt.Sprintf("%.0f", v)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

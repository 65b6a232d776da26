// Benchpeers compares relayclient and localrelay with other programs that do
// the same work, in one run on one machine: a client written by hand with bare
// gorilla/websocket calls, called the floor because it does no more than the
// protocol needs, and Microsoft's clients for Node. Its numbers are for reading;
// it judges nothing, and ends with 0 unless something broke.
//
// Every contestant is a process of its own that plays listener and sender both,
// and every relay is another, so that the time of one is never that of another.
// Everything goes over real TLS on the loopback interface. Beside localrelay
// there are two more relays. The splice joins two TLS connections and copies
// their plain bytes; the floor over it shows what any relay costs at least. The
// foreign relay hands on message by message in the plainest way, one write
// each; over it the clients differ, and nothing else.
//
// The contestants of a figure take turns, in rounds of about half a second, and
// the median of the ratios of each round is printed: what disturbs the machine
// disturbs neighbours alike. All of them move the same number of messages of
// the same size, and check the size and the number of each message.
//
// The clients for Node are looked for in the folder that RELAYSCOPE_NODE_CLIENTS
// names, as the tests do. Without them their lines are left out.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if role := os.Getenv(roleVariable); role != "" {
		os.Exit(exitCode(play(ctx, role)))
	}
	os.Exit(exitCode(compare(ctx)))
}

func exitCode(err error) int {
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchpeers:", err)
		return 1
	}
	return 0
}

// options are what the command line asks for.
type options struct {
	rounds   int
	length   time.Duration
	only     []string
	markdown bool
	cpu      bool
	profiles string
}

func compare(ctx context.Context) error {
	var o options
	var only string
	flag.IntVar(&o.rounds, "rounds", 9, "rounds for each figure")
	flag.DurationVar(&o.length, "length", 500*time.Millisecond, "how long the first contestant works in a round")
	flag.StringVar(&only, "only", "", "figures to measure, separated by commas: "+strings.Join(figureNames(), ", "))
	flag.BoolVar(&o.markdown, "markdown", false, "print the table for a Markdown document")
	flag.BoolVar(&o.cpu, "cpu", false, "print processor time as well, which says more than speed on a busy machine (Linux only)")
	flag.StringVar(&o.profiles, "profiles", "", "folder for a CPU profile of each client and relay in Go")
	flag.Parse()
	if flag.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	}
	if only != "" {
		o.only = strings.Split(only, ",")
	}
	o.rounds = max(o.rounds, 1)
	figures, err := chosen(o.only)
	if err != nil {
		return err
	}
	c, err := newConductor(ctx, o)
	if err != nil {
		return err
	}
	rows, err := c.measure(ctx, figures)
	return errors.Join(err, c.close(), printTable(os.Stdout, c.header(ctx), rows, o.markdown))
}

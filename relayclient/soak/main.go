// Soak lets 25 listeners and 200 senders talk through a local relay while
// everything that can go wrong does: faults of every kind in random order,
// tokens that expire, ends that close, half-close and vanish. It looks for what
// no single test shows: a message that is lost or comes twice, a loss that
// nobody can explain, memory, goroutines or sockets that do not come back.
//
//	soak [-time 10m] [-seed N] [-listeners 25] [-senders 200] [-v]
//
// What it checks:
//
//   - A message counts as acknowledged when its echo has come back. Both ends
//     keep count of every connection, and the counts are compared when it is
//     over: nothing may come twice, in another order or altered; what was
//     acknowledged was seen by exactly one listener; and whoever reads a Close
//     has got all that was written before it.
//   - An HTTP answer of 200 is right to the last byte. Any other has a reason,
//     and tells truthfully whether the relay or the listener made it.
//   - Every reconnect of a listener, and every connection that was not opened
//     or was lost, has a reason that package explain has words for, and that a
//     fault of the last minute accounts for.
//   - Listeners do nothing that the protocol forbids (localrelay's Deviations).
//   - When the faults are over, all listeners come online, every sender gets
//     through once, and after closing there are as many goroutines and open
//     files as before, and hardly more memory.
//
// What happens is decided by the seed, which is printed; when it happens also
// depends on the machine, so the same seed makes the same kind of trouble, not
// the same run. It ends with 1 if there was a finding.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/signal"
	"runtime"
	"time"
)

// overtime is how long a run that does not end by itself is waited for.
const overtime = 20 * time.Second

func main() {
	p := plan{out: os.Stdout, haste: 1}
	verbose := false
	flag.DurationVar(&p.time, "time", 10*time.Minute, "how long to run, the end included")
	flag.Uint64Var(&p.seed, "seed", rand.Uint64(), "what decides about faults and messages")
	flag.IntVar(&p.listeners, "listeners", 25, "listeners, 3 to 25")
	flag.IntVar(&p.senders, "senders", 200, "senders")
	flag.BoolVar(&verbose, "v", false, "log what the relay and the listeners do, to standard error")
	flag.Parse()
	if flag.NArg() > 0 || p.time < endTime+10*time.Second || p.listeners < len(hybridConnections) || p.listeners > 25 || p.senders < 1 {
		fmt.Fprintln(os.Stderr, "soak: it takes at least 100 seconds, 3 to 25 listeners, 1 sender, and no other arguments")
		os.Exit(2)
	}
	if verbose {
		p.log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	time.AfterFunc(p.time+overtime, func() {
		stacks := make([]byte, 16<<20)
		fmt.Fprintf(os.Stderr, "soak: seed %d: no end after %v\n%s\n", p.seed, p.time+overtime, stacks[:runtime.Stack(stacks, true)])
		os.Exit(1)
	})
	if !soak(ctx, p) {
		os.Exit(1)
	}
}

package main

import (
	"context"
	"math/rand/v2"
	"time"

	"relayscope/relayclient/localrelay"
)

const (
	faultEvery    = 700 * time.Millisecond // at most, between faults; half of it on average
	expireEvery   = 6 * time.Second        // likewise, between expired tokens
	clearAtLatest = 15 * time.Second
)

// injectFaults makes things go wrong, in random order, and clears what has not
// happened yet now and then.
func (r *run) injectFaults(ctx context.Context) {
	rng := r.rng(partFaults, 0)
	clearAt := time.Now()
	defer r.relay.ClearFaults()
	for ctx.Err() == nil {
		if time.Now().After(clearAt) {
			r.relay.ClearFaults()
			r.tally.add("faults", "cleared")
			clearAt = time.Now().Add(clearAtLatest/3 + time.Duration(rng.Int64N(int64(clearAtLatest*2/3))))
		}
		f := randomFault(rng)
		f.Delay, f.For = r.wait(f.Delay), r.wait(f.For)
		f.BytesPerSecond *= max(r.haste, 1)
		r.inject(f)
		pause(ctx, rng, r.wait(faultEvery))
	}
}

// expireTokens makes the tokens of a hybrid connection's listeners expire,
// which are good for an hour for most of them.
func (r *run) expireTokens(ctx context.Context) {
	rng := r.rng(partFaults, 1)
	for {
		pause(ctx, rng, r.wait(expireEvery))
		if ctx.Err() != nil {
			return
		}
		r.inject(localrelay.Fault{Kind: localrelay.FaultExpire, Entity: someHybridConnection(rng)})
	}
}

// inject takes the way through the fault's text, as people do.
func (r *run) inject(f localrelay.Fault) {
	text := f.String()
	parsed, err := localrelay.ParseFault(text)
	if err == nil && parsed != f {
		r.findings.add("the fault %s is read as %s", text, parsed)
		return
	}
	r.faults.note(f)
	if err == nil {
		_, err = r.relay.Inject(parsed)
	}
	if err != nil {
		r.findings.add("the fault %s is refused: %v", text, err)
		return
	}
	r.tally.add("faults", string(f.Kind))
}

func someHybridConnection(rng *rand.Rand) string {
	return hybridConnections[rng.IntN(len(hybridConnections))].name
}

func one[T any](rng *rand.Rand, of ...T) T { return of[rng.IntN(len(of))] }

// faultMakers has one entry for each kind that there is, or two where a kind
// should be more frequent.
var faultMakers = []func(rng *rand.Rand) localrelay.Fault{
	randomRefusal, randomRefusal, randomDelay, randomDelay, randomHTTP, randomCut, randomCut,
	func(rng *rand.Rand) localrelay.Fault {
		return localrelay.Fault{Kind: localrelay.FaultCorrupt, Times: 1 + rng.IntN(3)}
	},
	func(rng *rand.Rand) localrelay.Fault {
		return localrelay.Fault{Kind: localrelay.FaultLoseRendezvous, Times: 1 + rng.IntN(3)}
	},
	func(rng *rand.Rand) localrelay.Fault {
		return localrelay.Fault{Kind: localrelay.FaultBandwidth, BytesPerSecond: 256<<10 + rng.IntN(1<<20)}
	},
	func(*rand.Rand) localrelay.Fault { return localrelay.Fault{Kind: localrelay.FaultDrop} },
	func(rng *rand.Rand) localrelay.Fault {
		return localrelay.Fault{Kind: localrelay.FaultClose, Code: one(rng, 0, 1000, 1001, 1008, 1011, 4000), Reason: one(rng, "", "soak closes, for no reason")}
	},
	func(rng *rand.Rand) localrelay.Fault {
		return localrelay.Fault{Kind: localrelay.FaultFreeze, For: time.Duration(1+rng.IntN(14_000)) * time.Millisecond}
	},
	func(*rand.Rand) localrelay.Fault { return localrelay.Fault{Kind: localrelay.FaultUnknown} },
	func(*rand.Rand) localrelay.Fault { return localrelay.Fault{Kind: localrelay.FaultExpire} },
}

// randomFault makes a fault for one hybrid connection, rarely for all.
func randomFault(rng *rand.Rand) localrelay.Fault {
	f := one(rng, faultMakers...)(rng)
	if rng.IntN(8) > 0 {
		f.Entity = someHybridConnection(rng)
	}
	return f
}

func randomRefusal(rng *rand.Rand) localrelay.Fault {
	return localrelay.Fault{
		Kind: localrelay.FaultRefuse, Reason: faultWords, Times: 1 + rng.IntN(3),
		On:     one(rng, "", localrelay.OnListen, localrelay.OnConnect, localrelay.OnAccept, localrelay.OnRequest),
		Status: one(rng, 0, 400, 401, 403, 404, 429, 500, 502, 503, 504),
	}
}

func randomDelay(rng *rand.Rand) localrelay.Fault {
	longest := one(rng, 300, 300, 3_000, 12_000) // milliseconds; the last is more than anybody waits
	return localrelay.Fault{
		Kind: localrelay.FaultDelay, Times: 1 + rng.IntN(3), Delay: time.Duration(1+rng.IntN(longest)) * time.Millisecond,
		On: one(rng, "", localrelay.OnListen, localrelay.OnConnect, localrelay.OnAccept, localrelay.OnRequest, localrelay.OnHTTP, localrelay.OnAcceptCommand),
	}
}

func randomHTTP(rng *rand.Rand) localrelay.Fault {
	return localrelay.Fault{
		Kind: localrelay.FaultHTTP, Status: one(rng, 0, 400, 401, 403, 404, 429, 500, 502, 503, 504),
		Reason: faultWords, Times: 1 + rng.IntN(3),
	}
}

func randomCut(rng *rand.Rand) localrelay.Fault {
	return localrelay.Fault{Kind: localrelay.FaultCut, After: rng.IntN(12), Times: 1 + rng.IntN(3)}
}

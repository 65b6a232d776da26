package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
)

// Why the run itself ended something.
var (
	errTimeIsUp  = errors.New("soak: the time for it is up")
	errOutOfTime = errors.New("soak: the whole run is out of time")
	errHangs     = errors.New("soak: it takes far too long")
	errLeft      = errors.New("soak: the sender left on purpose")
)

// patience is how long a connection or a request may take before it counts as
// hanging. The slowest data connection needs a third of it.
const patience = 45 * time.Second

// timing returns much shorter waits than usual, so that much happens in ten
// minutes, but long enough for a machine that does other work as well.
func (r *run) timing() relayclient.Timing {
	return relayclient.Timing{
		Handshake:       r.wait(10 * time.Second),
		SenderHandshake: r.wait(20 * time.Second),
		Accept:          r.wait(8 * time.Second),
		Ping:            3 * time.Second,
		Pong:            7 * time.Second, // a busy machine may well be silent for a second
		Stall:           20 * time.Second,
		Close:           5 * time.Second,
		Response:        r.wait(8 * time.Second),
		Flush:           200 * time.Millisecond,
		Idle:            r.wait(20 * time.Second),
		Retry:           []time.Duration{0, 100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond, time.Second},
		TokenRetry:      []time.Duration{100 * time.Millisecond},
	}
}

func (r *run) startRelay() (*localrelay.Relay, error) {
	cfg := localrelay.Config{
		AcceptTimeout: r.wait(8 * time.Second), ResponseTimeout: r.wait(8 * time.Second), TokenGrace: r.wait(2 * time.Second),
		Logger: r.log,
	}
	for _, hc := range hybridConnections {
		cfg.Entities = append(cfg.Entities, localrelay.Entity{Name: hc.name, Anonymous: hc.anonymous, Rules: []localrelay.Rule{
			{Name: "listen", PrimaryKey: localrelay.NewKey(), Rights: localrelay.Listen},
			{Name: "send", PrimaryKey: localrelay.NewKey(), Rights: localrelay.Send},
		}})
	}
	return localrelay.Start(cfg)
}

// config returns what a client of a hybrid connection needs, with a key.
func (r *run) config(hybridConnection, rule string) (relayclient.Config, relayclient.SharedAccessKey, error) {
	cs, err := r.relay.ConnectionString(hybridConnection, rule)
	if err != nil {
		return relayclient.Config{}, relayclient.SharedAccessKey{}, fmt.Errorf("configure client: %w", err)
	}
	key := relayclient.SharedAccessKey{KeyName: cs.KeyName, Key: cs.Key}
	return relayclient.Config{
		Namespace: cs.Namespace, HybridConnection: hybridConnection, Token: key,
		RootCAs: r.relay.RootCAs(), Logger: r.log, Timing: r.timing(),
	}, key, nil
}

// shortLife is how long the tokens of some listeners are good for.
const shortLife = 5 * time.Second

// tokens returns the way in which a listener gets its tokens. One in four has
// short ones and renews them all the time; one in eight keeps each until it has
// expired, as somebody does who pastes tokens, and is thrown out.
func tokens(index int, key relayclient.SharedAccessKey) (provider relayclient.TokenProvider, short bool) {
	switch key.Lifetime = shortLife; {
	case index%8 == 4:
		return &pastedTokens{key: key}, true
	case index%4 == 1:
		return key, true
	}
	key.Lifetime = time.Hour
	return key, false
}

// pastedTokens hands out the same token until it has expired.
type pastedTokens struct {
	key relayclient.SharedAccessKey

	mu    sync.Mutex
	token relayclient.Token
}

// Token implements relayclient.TokenProvider.
func (p *pastedTokens) Token(ctx context.Context, audience string) (relayclient.Token, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Until(p.token.Expires) > time.Second {
		return p.token, nil
	}
	var err error
	p.token, err = p.key.Token(ctx, audience)
	return p.token, err
}

// pause lets up to so much time pass, unless ctx ends first.
func pause(ctx context.Context, rng *rand.Rand, most time.Duration) {
	timer := time.NewTimer(time.Duration(rng.Int64N(int64(most))))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

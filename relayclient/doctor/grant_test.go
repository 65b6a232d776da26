package doctor_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/doctor"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

func TestWatchUntilGranted(t *testing.T) {
	const every = 20 * time.Millisecond
	wrongKey := func(cfg *relayclient.Config) {
		cfg.Token = relayclient.SharedAccessKey{KeyName: "both", Key: localrelay.NewKey()}
	}
	for name, tt := range map[string]struct {
		role     relayclient.Role
		fault    string
		change   func(*relayclient.Config)
		attempts int
		want     error // nil: granted
	}{
		"listening is granted at once":              {role: relayclient.Listening, attempts: 1},
		"sending is granted, though nobody listens": {role: relayclient.Sending, attempts: 1},
		"listening is granted later":                {relayclient.Listening, "refuse:on=listen,status=401,times=2,reason=Authorization failed for specified action: Listen", nil, 3, nil},
		"sending is granted later":                  {relayclient.Sending, "refuse:on=connect,status=403,times=3,reason=Not allowed", nil, 4, nil},
		"a wrong key never will":                    {relayclient.Listening, "", wrongKey, 1, relayclient.ErrUnauthorized},
		"another failure ends it":                   {relayclient.Sending, "refuse:on=connect,status=404,reason=Endpoint does not exist", nil, 1, relayclient.ErrNotFound},
		"and so does trouble after a refusal":       {relayclient.Listening, "refuse:on=listen,status=401,times=1,reason=Authorization failed for specified action: Listen", nil, 2, relayclient.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			relay := localrelaytest.New(t)
			cfg := role(t, relay, "hyco", "both")
			if tt.change != nil {
				tt.change(cfg)
			}
			if tt.fault != "" {
				inject(t, relay, tt.fault)
			}
			var ticks []doctor.Tick
			err := doctor.WatchUntilGranted(t.Context(), []doctor.Right{{Role: tt.role, Config: *cfg}}, every, func(tick doctor.Tick) {
				ticks = append(ticks, tick)
				if tick.Attempt == 1 && tt.attempts == 2 {
					inject(t, relay, "refuse:on=listen,status=404,reason=Endpoint does not exist")
				}
			})
			if tt.want == nil && err != nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("error is %v, want %v", err, tt.want)
			}
			if len(ticks) != tt.attempts {
				t.Fatalf("%d attempts, want %d: %+v", len(ticks), tt.attempts, ticks)
			}
			for i, tick := range ticks {
				last := i == len(ticks)-1
				switch {
				case tick.Attempt != i+1 || tick.At.IsZero():
					t.Errorf("tick %d is %+v", i+1, tick)
				case last && (!tick.Next.IsZero() || tick.Err != err):
					t.Errorf("the last tick is %+v, the error %v", tick, err)
				case !last && (tick.Err == nil || tick.Next.Sub(tick.At) != every):
					t.Errorf("tick %d says %+v", i+1, tick)
				}
			}
		})
	}
}

// It ends as soon as it is cancelled, while it waits and while it asks.
func TestWatchIsCancelled(t *testing.T) {
	for name, fault := range map[string]string{
		"between attempts":  "refuse:on=listen,status=403,times=1000,reason=Not allowed",
		"during an attempt": "delay:on=listen,by=1m",
	} {
		t.Run(name, func(t *testing.T) {
			relay := localrelaytest.New(t)
			inject(t, relay, fault)
			t.Cleanup(relay.ClearFaults)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			time.AfterFunc(100*time.Millisecond, cancel)
			began := time.Now()
			err := doctor.WatchUntilGranted(ctx, []doctor.Right{{Role: relayclient.Listening, Config: *role(t, relay, "hyco", "both")}}, time.Hour, nil)
			if !errors.Is(err, context.Canceled) || time.Since(began) > 2*time.Second {
				t.Errorf("error is %v after %v", err, time.Since(began))
			}
		})
	}
}

// Who has neither right may have been meant to get one of them: it ends when
// either comes.
func TestWatchForEitherRight(t *testing.T) {
	for rights, on := range map[localrelay.Rights]string{localrelay.Send: "connect", localrelay.Listen: "listen"} {
		cfg, relay := principal(t, rights, "right s3cret")
		inject(t, relay, "refuse:on="+on+",status=401,times=2,reason=Authorization failed for specified action")
		plan := doctor.Plan{Listen: cfg, Send: cfg, OneCredential: true}
		report := test(t, t.Context(), plan)
		if report.Status != doctor.Failed {
			t.Errorf("%v: without a right the verdict is %v", rights, report.Status)
		}
		awaited := report.Awaited(plan)
		if len(awaited) != 2 {
			t.Fatalf("%v: waits for %d rights, want both", rights, len(awaited))
		}
		attempts := 0
		if err := doctor.WatchUntilGranted(t.Context(), awaited, 20*time.Millisecond, func(tick doctor.Tick) { attempts = tick.Attempt }); err != nil || attempts != 2 {
			t.Errorf("%v: %v after %d attempts, want granted at the second", rights, err, attempts)
		}
	}
}

package localrelay_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

func TestDeviations(t *testing.T) {
	source, err := os.ReadFile("breach.go")
	if err != nil {
		t.Fatal(err)
	}
	all := deviants()
	known := strings.Join(byTimings, ",")
	for _, m := range regexp.MustCompile(`&breach\{"([^"]+)"`).FindAllStringSubmatch(string(source), -1) {
		if _, ok := all[m[1]]; !ok && !strings.Contains(known, m[1]) {
			t.Errorf("nothing provokes %q", m[1])
		}
	}
	for rule, d := range all {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			seen := make(chan localrelay.Deviation, 64)
			r := localrelaytest.New(t, func(cfg *localrelay.Config) {
				cfg.AcceptTimeout = 3 * time.Second
				cfg.OnDeviation = func(d localrelay.Deviation) { seen <- d }
			})
			d.act(t, r)
			timeout := time.NewTimer(patience)
			defer timeout.Stop()
			for {
				select {
				case got := <-seen:
					if got.Rule != rule {
						continue
					}
					if got.Role != d.role || got.Count < 1 || got.TrackingID == "" || got.Time.IsZero() || !strings.HasPrefix(got.Section, "§") || !strings.HasSuffix(got.Text, ".") {
						t.Errorf("it is recorded as %+v, want role %s", got, d.role)
					}
					return
				case <-timeout.C:
					t.Fatalf("recorded was %+v", r.Deviations())
				}
			}
		})
	}
}

func TestDeviationsAreCounted(t *testing.T) {
	var log lockedBuffer
	r := localrelaytest.New(t, func(cfg *localrelay.Config) {
		cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	})
	control := listen(t, r, "&sb-hc-id="+nobody)
	for range 3 {
		send(t, control, websocket.BinaryMessage, "")
	}
	synced(t, control)
	list := r.Deviations()
	if len(list) != 1 || list[0].Count != 3 || list[0].Entity != "hyco" || list[0].TrackingID != nobody+"_G0" {
		t.Errorf("recorded is %+v, want one rule broken three times", list)
	}
	if n := strings.Count(log.String(), "client deviates"); n != 1 {
		t.Errorf("it is logged %d times, want once:\n%s", n, log.String())
	}
}

func TestDeviationsAreBounded(t *testing.T) {
	r := localrelaytest.New(t, func(cfg *localrelay.Config) {
		cfg.Entities = nil
		for i := range 300 {
			cfg.Entities = append(cfg.Entities, localrelay.Entity{Name: fmt.Sprint("e", i), Anonymous: true})
		}
	})
	for i := range 300 {
		refused(t, r, address(r, fmt.Sprint("e", i)), nil)
	}
	if n := len(r.Deviations()); n != 256 {
		t.Errorf("%d deviations are kept, want 256", n)
	}
}

// Our own client does nothing that would be worth a mention.
func TestOwnClientDoesNotDeviate(t *testing.T) {
	r := localrelaytest.New(t)
	events := echoing(t, r, func(cfg *relayclient.Config) {
		cfg.Timing.Ping = 20 * time.Millisecond
		cfg.Admit = func(_ context.Context, info relayclient.ConnInfo) relayclient.Verdict {
			if info.Path == "/no" {
				return relayclient.Verdict{Status: 403, Description: "not today"}
			}
			return relayclient.Verdict{Accept: true}
		}
	})
	for _, size := range []int{0, 5, 1 << 20} {
		c, err := dial(t, r)
		if err != nil {
			t.Fatal(err)
		}
		if err := echoed(t, c, size); err != nil {
			t.Fatal(err)
		}
		if err := c.Close(1000, ""); err != nil {
			t.Error(err)
		}
	}
	if _, err := relayclient.Dial(t.Context(), client(t, r, "send"), relayclient.DialOptions{Path: "/no"}); err == nil {
		t.Error("it was not refused")
	}
	transport, err := relayclient.NewTransport(client(t, r, "send"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Client{Transport: transport}).Post("https://"+r.Namespace()+"/hyco", "text/plain", bytes.NewReader([]byte("x")))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	transport.(interface{ CloseIdleConnections() }).CloseIdleConnections()
	inject(t, r, "drop")
	await(t, events, relayclient.StateChanged)
	until(t, "the listener is back", func() bool { return counts(r)[0] == 1 })
	works(t, r)
	if list := r.Deviations(); len(list) != 0 {
		t.Errorf("recorded is %+v, want nothing", list)
	}
}

package localrelay_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

func impatient(cfg *localrelay.Config) { cfg.AcceptTimeout = time.Second }

// A sender is told what went wrong, and the next one gets through.
func TestFaultsThatSendersSee(t *testing.T) {
	for text, title := range map[string]string{
		"refuse:on=connect,status=503,reason=busy": "The listener or the relay is not ready",
		"refuse:on=connect,status=401":             "The relay refused the token",
		"refuse:on=connect,status=429":             "The relay is busy",
		"refuse:entity=HYCO,on=connect,status=404,reason=There are no listeners connected for the endpoint": "Nobody is listening",
		"delay:on=accept-command,by=1h": "The listener did not accept in time",
		"delay:on=accept,by=2s":         "The listener did not accept in time",
		"corrupt":                       "The listener did not accept in time",
		"lose-rendezvous":               "The listener did not accept in time",
		"refuse:on=accept,status=500":   "The listener did not accept in time",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			r := localrelaytest.New(t, impatient)
			echoing(t, r)
			inject(t, r, text)
			_, err := dial(t, r)
			wantWords(t, err, relayclient.Sending, title)
			works(t, r)
		})
	}
}

// What a listener gets to know of it.
func TestFaultsThatListenersSee(t *testing.T) {
	for text, tt := range map[string]struct {
		kind relayclient.EventKind
		want string
	}{
		"corrupt":                     {relayclient.CommandReceived, "control message is not the JSON it should be"},
		"lose-rendezvous":             {relayclient.ConnectFailed, "403"},
		"refuse:on=accept,status=500": {relayclient.ConnectFailed, "500"},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			r := localrelaytest.New(t, impatient)
			events := echoing(t, r)
			inject(t, r, text)
			if _, err := dial(t, r); err == nil {
				t.Error("the sender got through")
			}
			if ev := await(t, events, tt.kind); !strings.Contains(fmt.Sprint(ev.Reason, ev.Err), tt.want) {
				t.Errorf("the listener knows %q, %v; want %q", ev.Reason, ev.Err, tt.want)
			}
		})
	}
}

func TestFaultRefusesListeners(t *testing.T) {
	r := localrelaytest.New(t)
	inject(t, r, "refuse:on=listen,status=401,reason=The token has an invalid signature.")
	_, err := relayclient.Listen(t.Context(), client(t, r, "listen"))
	wantWords(t, err, relayclient.Listening, "The relay does not accept the key")
	var he *relayclient.HandshakeError
	if !errors.As(err, &he) || he.TrackingID == "" {
		t.Errorf("the refusal %v has no tracking ID", err)
	}
	echoing(t, r)
	works(t, r)
}

func TestFaultsEndControlChannels(t *testing.T) {
	for text, title := range map[string]string{
		"drop":                                   "The connection was cut",
		"close":                                  "The relay's daily restart",
		"expire":                                 "The token expired and was not renewed in time",
		"close:code=1011,reason=service failure": "The relay ended the connection",
		"close:code=1001,reason=The hybrid connection was disabled,entity=hyco": "The other side went away",
		"freeze": "The other end stopped answering",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			r := localrelaytest.New(t)
			events := echoing(t, r, func(cfg *relayclient.Config) {
				if text == "freeze" {
					cfg.Timing.Ping, cfg.Timing.Pong = 100*time.Millisecond, time.Second
				}
			})
			c, err := dial(t, r)
			if err != nil {
				t.Fatal(err)
			}
			if hit := inject(t, r, text); hit != 1 {
				t.Errorf("%d control channels were hit, want 1", hit)
			}
			for {
				ev := await(t, events, relayclient.StateChanged)
				if ev.State != relayclient.Online {
					wantWords(t, ev.Err, relayclient.Listening, title)
					break
				}
			}
			if err := echoed(t, c, 5); err != nil {
				t.Errorf("the data connection did not survive: %v", err)
			}
			other, _ := localrelay.ParseFault(text)
			other.Entity = "open"
			if hit, err := r.Inject(other); hit != 0 || err != nil {
				t.Errorf("%d listeners of another hybrid connection were hit, %v", hit, err)
			}
		})
	}
}

func TestUnknownCommand(t *testing.T) {
	r := localrelaytest.New(t)
	events := echoing(t, r)
	if hit := inject(t, r, "unknown"); hit != 1 {
		t.Errorf("%d listeners got it, want 1", hit)
	}
	if ev := await(t, events, relayclient.CommandReceived); ev.Reason != "unknown command" {
		t.Errorf("the listener ignored it as %q", ev.Reason)
	}
	works(t, r)
}

func TestCutAfterMessages(t *testing.T) {
	r := localrelaytest.New(t)
	events := echoing(t, r)
	first, err := dial(t, r)
	if err != nil {
		t.Fatal(err)
	}
	inject(t, r, "cut:after=2")
	if err := echoed(t, first, 5); err != nil {
		t.Fatalf("the first two messages should pass: %v", err)
	}
	err = echoed(t, first, 5)
	wantWords(t, err, relayclient.Sending, "The connection was cut")
	if ev := await(t, events, relayclient.Closed); !errors.Is(ev.Err, relayclient.ErrLost) {
		t.Errorf("the listener's end ended with %v, want %v", ev.Err, relayclient.ErrLost)
	}
	works(t, r)
}

func TestDelay(t *testing.T) {
	r := localrelaytest.New(t)
	echoing(t, r)
	inject(t, r, "delay:by=200ms,times=2,on=connect")
	for range 2 {
		start := time.Now()
		if _, err := dial(t, r); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < 200*time.Millisecond {
			t.Errorf("connecting took %v, want 200 ms at least", took)
		}
	}
	works(t, r)
}

func TestBandwidth(t *testing.T) {
	r := localrelaytest.New(t)
	echoing(t, r)
	before, err := dial(t, r)
	if err != nil {
		t.Fatal(err)
	}
	inject(t, r, "bandwidth:rate=16k")
	slow, err := dial(t, r)
	if err != nil {
		t.Fatal(err)
	}
	duration := func(c *relayclient.Conn) time.Duration {
		start := time.Now()
		if err := echoed(t, c, 16<<10); err != nil {
			t.Fatal(err)
		}
		return time.Since(start)
	}
	took := duration(slow)
	if took < 1500*time.Millisecond {
		t.Errorf("16 KiB there and back took %v, want about two seconds", took)
	}
	if other := duration(before); other > took/2 {
		t.Errorf("a connection from before took %v", other)
	}
	if len(r.Faults()) != 1 {
		t.Errorf("%v is armed, want the bandwidth to stay", r.Faults())
	}
	r.ClearFaults()
	works(t, r)
}

func TestHTTPFaults(t *testing.T) {
	r := localrelaytest.New(t)
	for _, tt := range []struct {
		text          string
		status        int
		code, message string
	}{
		{"http:status=502", 502, "BadGateway", "There are no listeners connected for the endpoint"},
		{"http:status=504", 504, "GatewayTimeout", "The request was routed to the listener but the listener did not respond in the required time"},
		{"http:status=500", 500, "InternalServerError", "The service was unable to process the request"},
		{"http:reason=out of order", 502, "BadGateway", "out of order"},
	} {
		inject(t, r, tt.text)
		wantError(t, request(t, r, "GET", "/open", nil, nil), tt.status, tt.code, tt.message)
	}
	inject(t, r, "delay:on=http,by=200ms")
	start := time.Now()
	wantError(t, request(t, r, "GET", "/open", nil, nil), 404, "EndpointNotFound", "There are no listeners connected for the endpoint")
	if took := time.Since(start); took < 200*time.Millisecond {
		t.Errorf("the answer took %v, want 200 ms at least", took)
	}
}

func TestFaultsInOrder(t *testing.T) {
	r := localrelaytest.New(t)
	inject(t, r, "refuse:status=501,entity=open")
	inject(t, r, "refuse:status=502,on=listen")
	inject(t, r, "refuse:status=503,times=2")
	for _, want := range []string{"503 Service Unavailable", "503 Service Unavailable", "404 There are no listeners connected for the endpoint."} {
		wantStatus(t, refused(t, r, address(r, "hyco"), token(t, r, "send")), want)
	}
	var left []string
	for _, f := range r.Faults() {
		left = append(left, f.String())
	}
	if got := strings.Join(left, " "); got != "refuse:status=501,entity=open,times=1 refuse:on=listen,status=502,times=1" {
		t.Errorf("still armed: %s", got)
	}
	r.ClearFaults()
	if left := r.Faults(); len(left) != 0 {
		t.Errorf("after clearing: %v", left)
	}
	wantStatus(t, refused(t, r, address(r, "open"), nil), "404 There are no listeners connected for the endpoint.")
}

func TestInjectRefuses(t *testing.T) {
	r := localrelaytest.New(t)
	for want, f := range map[string]localrelay.Fault{
		"there is no fault":                {},
		`no hybrid connection "nowhere"`:   {Kind: localrelay.FaultDrop, Entity: "nowhere"},
		`has no option "code"`:             {Kind: localrelay.FaultDrop, Code: 1001},
		"the number must be from 0":        {Kind: localrelay.FaultCut, Times: -1},
		"the duration must be more than 0": {Kind: localrelay.FaultFreeze, For: -1},
	} {
		if _, err := r.Inject(f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want an error with %q", f, err, want)
		}
	}
	for range 256 {
		inject(t, r, "cut")
	}
	if _, err := r.Inject(localrelay.Fault{Kind: localrelay.FaultCut}); err == nil {
		t.Error("there is no end of faults")
	}
}

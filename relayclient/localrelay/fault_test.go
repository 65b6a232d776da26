package localrelay_test

import (
	"strings"
	"testing"
	"time"

	"relayscope/relayclient/localrelay"
)

func TestParseFault(t *testing.T) {
	for text, want := range map[string]localrelay.Fault{
		"drop":                   {Kind: localrelay.FaultDrop},
		"close:code=1011":        {Kind: localrelay.FaultClose, Code: 1011},
		"freeze:for=30s":         {Kind: localrelay.FaultFreeze, For: 30 * time.Second},
		"cut:after=3,times=2":    {Kind: localrelay.FaultCut, After: 3, Times: 2},
		"bandwidth:rate=64k":     {Kind: localrelay.FaultBandwidth, BytesPerSecond: 64 << 10},
		"bandwidth:rate=2M":      {Kind: localrelay.FaultBandwidth, BytesPerSecond: 2 << 20},
		"bandwidth:rate=500":     {Kind: localrelay.FaultBandwidth, BytesPerSecond: 500},
		"http:status=504":        {Kind: localrelay.FaultHTTP, Status: 504},
		"lose-rendezvous":        {Kind: localrelay.FaultLoseRendezvous},
		"delay:on=connect,by=2s": {Kind: localrelay.FaultDelay, On: localrelay.OnConnect, Delay: 2 * time.Second},
		`refuse:on=listen,status=401,reason="a, b",entity=live/orders`: {
			Kind: localrelay.FaultRefuse, On: localrelay.OnListen, Status: 401, Reason: "a, b", Entity: "live/orders",
		},
		"refuse:reason=two words = fine": {Kind: localrelay.FaultRefuse, Reason: "two words = fine"},
	} {
		got, err := localrelay.ParseFault(text)
		if err != nil || got != want {
			t.Errorf("%s is %+v, %v; want %+v", text, got, err, want)
		}
		if again := got.String(); again != text {
			t.Errorf("%s is written as %s", text, again)
		}
	}
}

func TestParseFaultSaysWhatIsRight(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "there is no fault \"\"; there are refuse, delay, http, corrupt, lose-rendezvous, cut, bandwidth, drop, close, freeze, unknown and expire",
		"explode":                         "there are refuse, delay,",
		"close:status=500":                `has no option "status"; it has code, reason and entity`,
		"drop:loud=yes":                   `has no option "loud"; it has entity`,
		"delay:on=tuesday,by=1s":          "there are listen, connect, accept, request, http and accept-command",
		"refuse:on=http":                  "there are listen, connect, accept and request",
		"delay":                           "by=2s",
		"delay:by=soon":                   "500ms, 2s or 1m30s",
		"delay:by=-1s":                    "500ms, 2s or 1m30s",
		"delay:by=2h":                     "at most an hour",
		"bandwidth":                       "rate=64k",
		"bandwidth:rate=fast":             "500, 64k or 2M",
		"bandwidth:rate=0":                "500, 64k or 2M",
		"bandwidth:rate=9999999M":         "500, 64k or 2M",
		"refuse:status=200":               "from 400 to 599",
		"refuse:status=many":              "is not a number",
		"close:code=1006":                 "no close frame may carry the code 1006",
		"cut:after=1,after=2":             "twice",
		"cut:after=":                      "no value",
		"cut:after":                       "name=value",
		"cut:":                            "name=value",
		"cut:times=2000000":               "from 0 to 1000000",
		`refuse:reason="open`:             "not closed",
		`refuse:reason="a"b`:              "a comma must follow",
		`refuse:reason="a\nb"`:            "one line",
		"drop:entity=a?b":                 "hybrid connection's name",
		"drop:times=2":                    `has no option "times"`,
		"bandwidth:rate=1k,times=2":       `has no option "times"`,
		"expire:entity=hyco,entity=other": "twice",
	} {
		if f, err := localrelay.ParseFault(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %+v, %v; want an error with %q", text, f, err, want)
		}
	}
}

func FuzzParseFault(f *testing.F) {
	for _, text := range []string{
		"drop", "close:code=4000,reason=\"a, \\\"b\\\"\"", "delay:by=1m30s,on=http,times=7", "bandwidth:rate=3M",
		`refuse:reason=" x",status=503`, "freeze:for=1ns", "cut:after=0", `refuse:entity=a b,reason=ü`, `cut:after="3"`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fault, err := localrelay.ParseFault(text)
		if err != nil {
			if fault != (localrelay.Fault{}) {
				t.Errorf("%q: %v, and yet %+v", text, err, fault)
			}
			return
		}
		again, err := localrelay.ParseFault(fault.String())
		if err != nil || again != fault {
			t.Errorf("%q is %+v; written as %q it is %+v, %v", text, fault, fault.String(), again, err)
		}
	})
}

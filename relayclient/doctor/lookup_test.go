package doctor_test

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"relayscope/relayclient/doctor"
)

// A zone has the records of a DNS server: addresses with commas between, or
// the name that another one stands for.
type zone map[string]string

// serveDNS answers over UDP and returns a resolver that asks there.
func serveDNS(t testing.TB, records zone) *net.Resolver {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			if answer, err := records.answer(buf[:n]); err == nil {
				pc.WriteTo(answer, from)
			}
		}
	})
	t.Cleanup(func() { pc.Close(); serving.Wait() })
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", pc.LocalAddr().String())
	}}
}

func (z zone) answer(query []byte) ([]byte, error) {
	var p dnsmessage.Parser
	header, err := p.Start(query)
	if err != nil {
		return nil, err
	}
	q, err := p.Question()
	if err != nil {
		return nil, err
	}
	reply := dnsmessage.Message{Header: dnsmessage.Header{ID: header.ID, Response: true, Authoritative: true}, Questions: []dnsmessage.Question{q}}
	name := strings.ToLower(strings.TrimSuffix(q.Name.String(), "."))
	if z[name] == "" {
		reply.RCode = dnsmessage.RCodeNameError
	}
	for range 8 {
		value := z[name]
		if value == "" {
			break
		}
		h := dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName(name + "."), Class: dnsmessage.ClassINET, TTL: 60}
		if addresses := strings.Split(value, ","); net.ParseIP(addresses[0]) != nil {
			h.Type = dnsmessage.TypeA
			for _, a := range addresses {
				if q.Type == dnsmessage.TypeA {
					reply.Answers = append(reply.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AResource{A: [4]byte(net.ParseIP(a).To4())}})
				}
			}
			break
		}
		h.Type = dnsmessage.TypeCNAME
		reply.Answers = append(reply.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.CNAMEResource{CNAME: dnsmessage.MustNewName(value + ".")}})
		name = value
	}
	return reply.Pack()
}

func TestNameLookup(t *testing.T) {
	const host = "contoso.servicebus.windows.net"
	for name, tt := range map[string]struct {
		records zone
		status  doctor.Status
		detail  []string
		finding string
		seen    []string
	}{
		"public": {
			zone{host: "ns-sb2-prod-sn3-010.cloudapp.net", "ns-sb2-prod-sn3-010.cloudapp.net": "127.0.0.1"},
			doctor.Passed, []string{host + " is 127.0.0.1", "by the name ns-sb2-prod-sn3-010.cloudapp.net", "deployment prod-sn3-010"}, "",
			[]string{"ns-sb2-prod-sn3-010.cloudapp.net alias", "127.0.0.1 this computer"},
		},
		"private endpoint": {
			zone{host: "contoso.privatelink.servicebus.windows.net", "contoso.privatelink.servicebus.windows.net": "10.1.2.3"},
			doctor.Passed, []string{"10.1.2.3", "a private endpoint", "9400 to 9599"}, "",
			[]string{"contoso.privatelink.servicebus.windows.net alias", "10.1.2.3 private"},
		},
		"private endpoint that this network does not use": {
			zone{host: "contoso.privatelink.servicebus.windows.net", "contoso.privatelink.servicebus.windows.net": "ns-prod-sn3-010.cloudapp.net",
				"ns-prod-sn3-010.cloudapp.net": "127.0.0.1"},
			doctor.Warned, []string{"by the name ns-prod-sn3-010.cloudapp.net"}, "A private endpoint exists, but this network does not use it",
			[]string{"contoso.privatelink.servicebus.windows.net alias", "ns-prod-sn3-010.cloudapp.net alias"},
		},
		"private without an alias": {
			zone{host: "192.168.7.7"}, doctor.Passed, []string{"192.168.7.7; a private address"}, "", []string{"192.168.7.7 private"},
		},
		"unknown": {
			zone{"other.example": "127.0.0.1"}, doctor.Failed, nil, "The namespace's name is not known", nil,
		},
		"aliases in a circle": {
			zone{host: "a.example", "a.example": host}, doctor.Failed, nil, "The namespace's name is not known", nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Addresses that are not this computer's are not waited for.
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var step doctor.Step
			report := doctor.Run(ctx, doctor.Plan{Send: sender(host), Resolver: serveDNS(t, tt.records)}, func(s doctor.Step) {
				if s.ID == doctor.DNS && s.Status != doctor.Running {
					step = s
					cancel()
				}
			})
			if step.Status != tt.status || step.Finding.Title != tt.finding {
				t.Errorf("step is %v, %q: %v", step.Status, step.Finding.Title, step.Err)
			}
			for _, want := range tt.detail {
				if !strings.Contains(step.Detail, want) {
					t.Errorf("%q is not in %q", want, step.Detail)
				}
			}
			var seen strings.Builder
			for _, o := range step.Seen {
				seen.WriteString(o.Name + " " + o.Detail + "\n")
			}
			for _, want := range tt.seen {
				if !strings.Contains(seen.String(), want+"\n") {
					t.Errorf("%q was not seen:\n%s", want, seen.String())
				}
			}
			if step.Status == doctor.Failed != strings.HasPrefix(report.Headline, "The namespace's name is not known") {
				t.Errorf("headline is %q", report.Headline)
			}
		})
	}
}

// Every address is tried, and a connection goes on with one that answers.
func TestSomeAddressesAnswer(t *testing.T) {
	namespace := mute(t)
	_, port, err := net.SplitHostPort(namespace)
	if err != nil {
		t.Fatal(err)
	}
	resolver := serveDNS(t, zone{"relay.example": "127.0.0.3,127.0.0.1,127.0.0.2"})
	report := test(t, t.Context(), doctor.Plan{Send: sender("relay.example:" + port), Resolver: resolver, Budget: time.Second})
	step := report.Step(doctor.TCP)
	if step.Status != doctor.Warned || step.Finding.Title != "Only 1 of 3 addresses can be reached" || len(step.Seen) != 3 {
		t.Fatalf("step is %v, %q: %+v", step.Status, step.Finding.Title, step.Seen)
	}
	for _, o := range step.Seen {
		want := "refused"
		if o.Name == namespace {
			want = "connected"
		}
		if o.Detail != want || (o.Err == nil) != (want == "connected") {
			t.Errorf("%s is %s, %v; want %s", o.Name, o.Detail, o.Err, want)
		}
	}
	if got := report.Step(doctor.TLS); got.Status != doctor.Failed {
		t.Errorf("TLS is %v, it was to be tried", got.Status)
	}
}

// A listener that cannot reach the gateways is online in vain.
func TestGateways(t *testing.T) {
	namespace := mute(t)
	_, port, err := net.SplitHostPort(namespace)
	if err != nil {
		t.Fatal(err)
	}
	const host, stamp = "contoso.relay.example", "ns-prod-sn3-010.relay.example"
	for name, tt := range map[string]struct {
		gateway string // its address; "" if it has none
		want    doctor.Status
	}{
		"reached":      {"127.0.0.1", doctor.Passed},
		"refused":      {"127.0.0.2", doctor.Warned},
		"no such name": {"", doctor.Passed}, // it is a guess
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			records := zone{host: stamp, stamp: "127.0.0.1", "g0-prod-sn3-010-sb.relay.example": tt.gateway}
			plan := doctor.Plan{Listen: sender(net.JoinHostPort(host, port)), Resolver: serveDNS(t, records), Budget: time.Second}
			report := test(t, t.Context(), plan)
			step := report.Step(doctor.TCP)
			if step.Status != tt.want || (step.Finding.Title == "The relay's gateways cannot be reached") != (tt.want == doctor.Warned) {
				t.Errorf("step is %v, %q: %s", step.Status, step.Finding.Title, report.Text())
			}
			if n := len(step.Seen); n != 2 || step.Seen[1].Name != "g0-prod-sn3-010-sb.relay.example:"+port {
				t.Errorf("seen: %+v", step.Seen)
			}
		})
	}
}

package relayclient

import (
	"crypto/tls"
	"fmt"
	"testing"
)

func TestCurvesAreRememberedByRelay(t *testing.T) {
	m := curveMemory{wanted: map[string]tls.CurveID{}}
	asked := tls.ConnectionState{HelloRetryRequest: true, CurveID: tls.CurveP384}
	m.learn(relayKey("fabrikam.servicebus.windows.net:443"), asked)
	m.learn(relayKey("127.0.0.1:9443"), asked)
	for address, want := range map[string]bool{
		"g12-prod-am3-sb.servicebus.windows.net:443": true,
		"FABRIKAM.servicebus.windows.net:443":        true,
		"fabrikam.servicebus.windows.net:8443":       false,
		"fabrikam.servicebus.chinacloudapi.cn:443":   false,
		"127.0.0.1:9443": true,
		"127.0.0.1:9444": false,
		"126.0.0.1:9443": false,
	} {
		if got := m.offer(relayKey(address)); (got != nil) != want || want && got[0] != tls.CurveP384 {
			t.Errorf("offer to %s = %v, want P-384 first: %v", address, got, want)
		}
	}
	for i := range 10 * maxRemembered {
		m.learn(fmt.Sprint(i), asked)
	}
	if len(m.wanted) > maxRemembered {
		t.Errorf("%d relays remembered, want at most %d", len(m.wanted), maxRemembered)
	}
	m.learn("unasked", tls.ConnectionState{CurveID: tls.CurveP384})
	m.learn("unknown curve", tls.ConnectionState{HelloRetryRequest: true, CurveID: tls.X25519})
	if m.offer("unasked") != nil || m.offer("unknown curve") != nil {
		t.Error("remembered what saves nothing")
	}
}

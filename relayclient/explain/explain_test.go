package explain_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/explain"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

func TestEveryCauseHasWordsOfItsOwn(t *testing.T) {
	seen := map[string]relayclient.Cause{}
	for cause := relayclient.CauseMissingToken; cause <= relayclient.CauseUpgradeLost; cause++ {
		err := fmt.Errorf("wrapped: %w", &relayclient.HandshakeError{Op: "listen", StatusCode: 401, Cause: cause, Answer: "401 Words of the relay", TrackingID: "abc_G1"})
		m := explain.Error(err, relayclient.Listening)
		if m.Title == "" || m.Cause == "" || m.Next == "" {
			t.Errorf("cause %d: %+v, want title, cause and next step", cause, m)
		}
		if m.Raw != "401 Words of the relay" || m.TrackingID != "abc_G1" {
			t.Errorf("cause %d: the answer is shown as %q with tracking ID %q", cause, m.Raw, m.TrackingID)
		}
		if other, dup := seen[m.Title]; dup {
			t.Errorf("causes %d and %d have the same title %q", other, cause, m.Title)
		}
		seen[m.Title] = cause
		if strings.HasSuffix(m.Title, ".") || !strings.HasSuffix(m.Cause, ".") || !strings.HasSuffix(m.Next, ".") {
			t.Errorf("cause %d: full stops are wrong in %+v", cause, m)
		}
	}
}

func TestErrorTitles(t *testing.T) {
	status := func(code int, cause relayclient.Cause) error {
		return &relayclient.HandshakeError{Op: "connect", StatusCode: code, Cause: cause}
	}
	for name, tt := range map[string]struct {
		err  error
		role relayclient.Role
		want string
	}{
		"nothing":                {nil, relayclient.Listening, "Stopped"},
		"cancelled":              {fmt.Errorf("connect: %w", context.Canceled), relayclient.Sending, "Stopped"},
		"closed":                 {relayclient.ErrClosed, relayclient.Listening, "Stopped"},
		"404 to a listener":      {status(404, relayclient.CauseUnknown), relayclient.Listening, "There is no such hybrid connection"},
		"404 to a sender":        {status(404, relayclient.CauseUnknown), relayclient.Sending, "Nothing answers under this name"},
		"502 to a sender":        {status(502, relayclient.CauseUnknown), relayclient.Sending, "Nobody is listening"},
		"504":                    {status(504, relayclient.CauseUnknown), relayclient.Sending, "The listener did not accept in time"},
		"502 to a listener":      {status(502, relayclient.CauseUnknown), relayclient.Listening, "The relay has trouble of its own"},
		"504 to a listener":      {status(504, relayclient.CauseUnknown), relayclient.Listening, "The relay has trouble of its own"},
		"403 to an accept":       {&relayclient.HandshakeError{Op: "accept", StatusCode: 403}, relayclient.Listening, "The sender does not wait any more"},
		"404 to a rejection":     {&relayclient.HandshakeError{Op: "reject", StatusCode: 404}, relayclient.Listening, "The sender does not wait any more"},
		"401 without words":      {status(401, relayclient.CauseUnknown), relayclient.Sending, "The relay refused the token"},
		"500":                    {status(500, relayclient.CauseUnknown), relayclient.Listening, "The relay has trouble of its own"},
		"a listener's rejection": {status(418, relayclient.CauseUnknown), relayclient.Sending, "Refused with 418"},
		"unknown host":           {&net.OpError{Err: &net.DNSError{Name: "nowhere.example", IsNotFound: true}}, relayclient.Listening, "The namespace's name is not known"},
		"refused":                {&net.OpError{Err: syscall.ECONNREFUSED}, relayclient.Listening, "Nothing listens at the endpoint's address"},
		"no route":               {&net.OpError{Err: syscall.ENETUNREACH}, relayclient.Listening, "There is no route to the endpoint"},
		"proxy out of reach":     {fmt.Errorf("listen: %w: %w", relayclient.ErrProxyUnreachable, syscall.ECONNREFUSED), relayclient.Listening, "The proxy cannot be reached"},
		"proxy refuses":          {fmt.Errorf("listen: %w: 407", relayclient.ErrProxy), relayclient.Listening, "The proxy does not let the connection through"},
		"foreign rendezvous":     {fmt.Errorf("accept: %w: x", relayclient.ErrForeignRendezvous), relayclient.Listening, "The relay pointed somewhere else"},
		"broken protocol":        {fmt.Errorf("%w: bad opcode 3", relayclient.ErrProtocol), relayclient.Listening, "The other side breaks the rules of WebSocket"},
		"timeout":                {fmt.Errorf("listen: %w", context.DeadlineExceeded), relayclient.Listening, "No answer in time"},
		"not TLS":                {tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, relayclient.Listening, "The endpoint does not speak TLS"},
		"other name":             {x509.HostnameError{Certificate: &x509.Certificate{}, Host: "h"}, relayclient.Listening, "The certificate is for another name"},
		"expired certificate":    {x509.CertificateInvalidError{Reason: x509.Expired}, relayclient.Listening, "The certificate is not valid now"},
		"no certificates":        {fmt.Errorf("read: %w", relayclient.ErrNoCertificates), relayclient.Listening, "The CA certificates cannot be read"},
		"reset":                  {relayclient.ErrLost, relayclient.Sending, "The connection was cut"},
		"silence":                {relayclient.ErrPeerSilent, relayclient.Sending, "The other end stopped answering"},
		"close 1008":             {&relayclient.CloseError{Code: 1008, Reason: "The token is expired"}, relayclient.Listening, "The token expired and was not renewed in time"},
		"late answer":            {fmt.Errorf("wrapped: %w", relayclient.ErrResponseTimeout), relayclient.Listening, "The answer came too late"},
		"handler panicked":       {fmt.Errorf("%w: oops", relayclient.ErrHandlerAborted), relayclient.Listening, "The handler of the request failed"},
		"request is gone":        {&relayclient.HandshakeError{Op: "fetch", StatusCode: 403}, relayclient.Listening, "The request does not wait any more"},
		"answer not wanted":      {&relayclient.HandshakeError{Op: "answer", StatusCode: 404}, relayclient.Listening, "The request does not wait any more"},
		"close 1011":             {&relayclient.CloseError{Code: 1011, Reason: "service failure", TrackingID: "abc_G1"}, relayclient.Listening, "The relay ended the connection"},
		"a program's 1008":       {&relayclient.CloseError{Code: 1008, Reason: "no such room"}, relayclient.Sending, "Closed for breaking a rule"},
		"a program's 1011":       {&relayclient.CloseError{Code: 1011}, relayclient.Sending, "The other side or the relay had trouble"},
		"a program's own code":   {&relayclient.CloseError{Code: 4001}, relayclient.Sending, "Closed by the other side with 4001"},
		"somebody else's 403":    {&relayclient.HandshakeError{Op: "connect", StatusCode: 403, Foreign: true}, relayclient.Sending, "Something other than Azure Relay answered"},
		"somebody else's 404":    {&relayclient.HandshakeError{Op: "accept", StatusCode: 404, Foreign: true}, relayclient.Listening, "Something other than Azure Relay answered"},
		"once a day":             {&relayclient.CloseError{Code: 1011, Reason: "InternalServerError: NameRenewalFailed"}, relayclient.Listening, "The relay's daily restart"},
		"anything else":          {errors.New("something new"), relayclient.Listening, "It did not work"},
	} {
		t.Run(name, func(t *testing.T) {
			m := explain.Error(tt.err, tt.role)
			if m.Title != tt.want {
				t.Errorf("title = %q, want %q", m.Title, tt.want)
			}
			if m.Title != "Stopped" && m.Raw == "" {
				t.Error("the raw error is lost")
			}
			if m.Title != "Stopped" && m.Next == "" && !strings.HasPrefix(m.Title, "The other side") {
				t.Error("no next step")
			}
		})
	}
}

// A wrong clock is named instead of blaming the key.
func TestClockIsNamed(t *testing.T) {
	m := explain.Error(&relayclient.HandshakeError{StatusCode: 401, Cause: relayclient.CauseExpired, Skew: -2 * time.Hour}, relayclient.Listening)
	if !strings.Contains(m.Cause, "2h0m0s ahead") {
		t.Errorf("cause = %q, want the clock's error", m.Cause)
	}
}

// What a real relay and a real certificate check say is understood, too.
func TestRealRefusals(t *testing.T) {
	r := localrelaytest.New(t)
	cfg := relayclient.Config{Namespace: r.Namespace(), HybridConnection: "hyco",
		Token: relayclient.SharedAccessKey{KeyName: "both", Key: localrelay.NewKey()}}
	_, err := relayclient.Listen(t.Context(), cfg)
	m := explain.Error(err, relayclient.Listening)
	if m.Title != "The certificate is not trusted" || !strings.Contains(m.Cause, "“Relayscope local relay CA”") {
		t.Errorf("untrusted: %+v", m)
	}
	cfg.RootCAs = r.RootCAs()
	_, err = relayclient.Listen(t.Context(), cfg)
	m = explain.Error(err, relayclient.Listening)
	if m.Title != "The relay does not accept the key" || m.TrackingID == "" || !strings.Contains(m.Text(), m.TrackingID) {
		t.Errorf("wrong key: %+v", m)
	}
}

// A listener that turns a sender away is not taken for a relay that does not
// like the token: .NET's rejects with these words.
func TestListenersWords(t *testing.T) {
	for _, code := range []int{400, 401, 403} {
		err := &relayclient.HandshakeError{Op: "connect", StatusCode: code, Reason: "Rejected by user code", TrackingID: "abc_G1"}
		m := explain.Error(err, relayclient.Sending)
		if !strings.HasPrefix(m.Title, "Refused with 4") || !strings.Contains(m.Cause, "Rejected by user code.") || !strings.Contains(m.Next, "listener") {
			t.Errorf("%d: %+v", code, m)
		}
	}
}

// Who answered in the relay's place is shown with the answer; where that
// cannot be known, both possibilities are named.
func TestMarksOfAnAnswer(t *testing.T) {
	portal := &relayclient.HandshakeError{Op: "connect", StatusCode: 302, Answer: "302 Found", Foreign: true,
		Server: "nginx", ContentType: "text/html", Location: "https://login.example"}
	if m := explain.Error(portal, relayclient.Sending); m.Raw != "302 Found (Server: nginx, Content-Type: text/html, Location: https://login.example)" {
		t.Errorf("raw = %q", m.Raw)
	}
	refusal := &relayclient.HandshakeError{Op: "connect", StatusCode: 403, Answer: "403 Forbidden", Server: "Microsoft-HTTPAPI/2.0"}
	if m := explain.Error(refusal, relayclient.Sending); m.Title != "The relay refused the token" || !strings.Contains(m.Cause, "no tracking ID") {
		t.Errorf("who answered is unknown: %+v", m)
	}
	refusal.Reason = "Forbidden"
	if m := explain.Error(refusal, relayclient.Sending); m.Title != "The relay refused the token" {
		t.Errorf("the status alone is no reason: %+v", m)
	}
	refusal.TrackingID = "abc_G1"
	if m := explain.Error(refusal, relayclient.Sending); strings.Contains(m.Cause, "tracking ID") || m.Raw != "403 Forbidden" {
		t.Errorf("the relay answered: %+v", m)
	}
}

//go:build linux

package windowtest

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
)

// tricks are what a text must not do to whoever reads it: colours of a
// terminal, writing from right to left, what cannot be seen, and a bell.
const tricks = "\x1b[31mred\x1b[0m \u202eesrever\u202c zero\u200bwidth \u2066isolated\u2069 \a\x7f\u0085 end"

// hostile starts a relay's stand-in that answers everything with a status line
// and headers of its own making.
func hostile(t *testing.T, answer string) (cs relayclient.ConnectionString, certificate string) {
	t.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, out, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = out.WriteString(answer) // whoever asked may have had enough
		_ = out.Flush()
	}))
	t.Cleanup(server.Close)
	cs = relayclient.ConnectionString{
		Namespace: server.Listener.Addr().String(), HybridConnection: "hyco", KeyName: "listen", Key: localrelay.NewKey(),
	}
	return cs, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
}

// Whatever answers, the window stays what it is, and shows nothing that plays
// tricks on its reader.
func TestHostileAnswers(t *testing.T) {
	for name, answer := range map[string]string{
		"tricks":      "HTTP/1.1 401 " + tricks + ". TrackingId:" + tricks + "_G1\r\nContent-Length: 0\r\n\r\n",
		"long":        "HTTP/1.1 401 " + strings.Repeat("long ", 2<<20) + "\r\nContent-Length: 0\r\n\r\n",
		"long header": "HTTP/1.1 503 busy\r\nX-Long: " + strings.Repeat("long ", 2<<20) + "\r\nContent-Length: 0\r\n\r\n",
		"long body":   "HTTP/1.1 500 no\r\nContent-Type: text/html\r\nContent-Length: 10485760\r\n\r\n" + strings.Repeat("<p>long", 10<<20/7),
		"no HTTP":     "SSH-2.0-OpenSSH_9.6 " + tricks + "\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cs, certificate := hostile(t, answer)
			w := newDesktop(t, "1280x720").open(t)
			w.paste(cs, certificate)
			w.click("bar.toggle")
			w.wait("failure", func(p parts) error {
				return want(p["listener.problem"].Visible, "the listener shows no problem: %+v", p["listener.status"])
			})
			w.click("listener.problem.Details")
			w.screen("listener")
			w.click("page.Test")
			w.click("test.again")
			w.sees("test.headline", "The network is fine, but neither sending nor listening works")
			w.screen("tested")
			p, err := w.describe()
			if err != nil {
				t.Fatal(err)
			}
			for name, q := range p {
				text := q.Text + strings.Join(q.Lines, "")
				if strings.ContainsAny(text, "\x1b\u202e\u2066\u200b\a\x7f\u0085") {
					t.Errorf("%s shows %q", name, text)
				}
				if len(text) > 64<<10 && !strings.HasPrefix(name, "form.") {
					t.Errorf("%s shows %d bytes", name, len(text))
				}
			}
		})
	}
}

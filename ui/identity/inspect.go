package identity

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/explain"
	"relayscope/relayclient/signin"
	"relayscope/relayclient/token"
	"relayscope/ui/widgets"
)

// Deadlines. A person who signs in with a code is given a few minutes by the
// way to sign in itself.
const (
	getWithin   = 6 * time.Minute
	fetchWithin = 10 * time.Second
)

// begin runs work beside the main goroutine; what it returns is run on the
// main goroutine, unless something else was begun or stopped meanwhile.
func (p *Page) begin(within time.Duration, busy string, work func(ctx context.Context) func()) {
	p.cancel()
	ctx, stop := context.WithTimeout(context.Background(), within)
	p.run++
	run := p.run
	p.stop = stop
	p.source.setBusy(busy)
	p.check.button.Disable()
	p.problem.Hide()
	p.column.Refresh()
	p.opt.Work(func(life context.Context) {
		defer stop()
		defer context.AfterFunc(life, stop)()
		apply := work(ctx)
		p.opt.Do(func() {
			if p.run == run && p.stop != nil {
				p.settle()
				apply()
			}
		})
	})
}

// settle notes that nothing is under way.
func (p *Page) settle() {
	p.stop = nil
	p.source.setBusy("")
	p.check.button.Enable()
}

// cancel stops what is under way, if anything is.
func (p *Page) cancel() {
	if p.stop == nil {
		return
	}
	p.stop()
	p.settle()
	p.column.Refresh()
}

// get asks for a token of the profile and shows it.
func (p *Page) get(role relayclient.Role) {
	profile := p.profile
	p.begin(getWithin, "Getting the "+roleName(role)+"'s token…", func(ctx context.Context) func() {
		got, who, err := p.opt.Get(ctx, profile, role)
		if err != nil {
			return func() { p.fail(failure(err, role)) }
		}
		if got.Value.Empty() {
			return func() {
				p.fail(widgets.Failure{Title: "The " + roleName(role) + " sends no token", Cause: "This profile signs in with nothing.", Next: "Choose a way to sign in in the profile, if the hybrid connection requires client authorization."})
			}
		}
		text := got.Value.Reveal()
		return func() { p.read(text, role, who) }
	})
}

// paste shows a token that was pasted.
func (p *Page) paste(text string) {
	p.cancel()
	p.read(text, 0, "")
}

// read shows a token, or why it is none.
func (p *Page) read(text string, role relayclient.Role, who string) {
	t, err := token.Read(text)
	if err != nil {
		f := failure(err, relayclient.Listening)
		f.Raw = "" // the cause has said it
		p.fail(f)
		return
	}
	p.take(t, role, who)
}

// verify checks a JWT's signature with its issuer's keys.
func (p *Page) verify() {
	if p.got == nil {
		return
	}
	t, target, profile := *p.got, p.target(), p.profile
	p.begin(2*fetchWithin, "Fetching the issuer's keys…", func(ctx context.Context) func() {
		verifier, err := newVerifier(profile, target)
		if err != nil {
			return func() { p.fail(failure(err, relayclient.Listening)) }
		}
		result := verifier.Verify(ctx, t, target.Rules())
		return func() {
			p.verified = &result
			p.arrange()
			for _, s := range result.Steps {
				if s.Err != nil {
					p.fail(failure(s.Err, relayclient.Listening))
				}
			}
		}
	})
}

// newVerifier fetches keys through the profile's proxy and trusts its roots.
// An authority that was chosen is trusted to publish keys.
func newVerifier(p profiles.Profile, target token.Target) (*token.Verifier, error) {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, ForceAttemptHTTP2: true}
	roots, err := relayclient.Roots([]byte(p.CACertificates))
	if err != nil {
		return nil, fmt.Errorf("read the profile's CA certificates: %w", err)
	}
	transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	if !p.Proxy.Empty() {
		proxy, err := relayclient.ParseProxy(p.Proxy.Reveal())
		if err != nil {
			return nil, fmt.Errorf("the profile's proxy %w", err)
		}
		transport.Proxy = http.ProxyURL(proxy)
	}
	options := token.VerifierOptions{Client: &http.Client{Transport: transport}, Timeout: fetchWithin}
	if u, err := url.Parse(target.Authority); err == nil && u.Host != "" {
		options.Hosts = []string{u.Host}
	}
	return token.NewVerifier(options), nil
}

// target is what the token must be good for, as far as the profile says. A
// token that was pasted is for either role: its rights are not asked for.
func (p *Page) target() token.Target {
	t := token.Target{Namespace: p.profile.Namespace, HybridConnection: p.profile.HybridConnection, Now: p.opt.Now(), Key: p.key.typed()}
	if p.profile.LocalRelay && p.opt.Namespace != nil {
		t.Namespace = p.opt.Namespace(p.profile)
	}
	switch p.role {
	case relayclient.Listening:
		t.Permission = token.Listen
	case relayclient.Sending:
		t.Permission = token.Send
	}
	for _, s := range p.settings() {
		switch {
		case s.Way.Entra():
			t.Tenant, t.Audience, t.Authority = cmp.Or(t.Tenant, s.Tenant), cmp.Or(t.Audience, s.Audience), cmp.Or(t.Authority, s.Authority)
		case t.Key.Empty() && s.Way == signin.SharedAccessKey && p.got != nil && strings.EqualFold(s.KeyName, p.got.SAS.KeyName):
			t.Key = s.Key
		}
	}
	return t
}

// settings are the profile's ways to sign in that the token may have come from.
func (p *Page) settings() []signin.Settings {
	if p.role != 0 {
		return []signin.Settings{p.profile.SignInFor(p.role)}
	}
	return []signin.Settings{p.profile.SignInFor(relayclient.Listening), p.profile.SignInFor(relayclient.Sending)}
}

// failure puts an error into words for a Problem.
func failure(err error, role relayclient.Role) widgets.Failure {
	m := explain.Error(err, role)
	return widgets.Failure{Title: m.Title, Cause: m.Cause, Next: m.Next, Raw: m.Raw, TrackingID: m.TrackingID}
}

package relayclient_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
)

func (ours) sender(t *testing.T, cfg relayclient.Config) httpSender {
	anonymous := cfg
	anonymous.Token = nil
	return ourSender{cfg, clientWith(t, cfg), clientWith(t, anonymous)}
}

func clientWith(t *testing.T, cfg relayclient.Config) *http.Client {
	t.Helper()
	transport, err := relayclient.NewTransport(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Transport: transport}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// ourSender sends HTTP requests with the transport under test.
type ourSender struct {
	cfg                   relayclient.Config
	authorized, anonymous *http.Client
}

func (s ourSender) send(t *testing.T, x exchange) func() httpAnswer {
	t.Helper()
	target, c := x.target, s.anonymous
	switch x.tokenIn() {
	case "header":
		c = s.authorized
	case "query":
		token, err := s.cfg.Token.Token(t.Context(), relayclient.Audience(s.cfg.Namespace, s.cfg.HybridConnection))
		if err != nil {
			t.Fatal(err)
		}
		separator := "?"
		if strings.Contains(target, "?") {
			separator = "&"
		}
		target += separator + "sb-hc-token=" + url.QueryEscape(token.Value.Reveal())
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	var body io.Reader
	if x.length >= 0 {
		body = bytes.NewReader(noise(x.seed(), x.length))
		if x.chunked {
			body = io.MultiReader(body) // which has no length to be seen
		}
	}
	req, err := http.NewRequestWithContext(ctx, x.method, "https://anything"+target, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = x.header()
	answer, failed := make(chan httpAnswer, 1), make(chan error, 1)
	go func() {
		defer cancel()
		resp, err := c.Do(req)
		if err != nil {
			failed <- err
			return
		}
		defer resp.Body.Close()
		data, err := io.ReadAll(resp.Body)
		if err != nil {
			failed <- err
			return
		}
		_, reason, _ := strings.Cut(resp.Status, " ")
		answer <- httpAnswer{resp.StatusCode, reason, lowered(resp.Header), len(data), digest(data)}
	}()
	return func() httpAnswer {
		t.Helper()
		select {
		case a := <-answer:
			return a
		case err := <-failed:
			t.Fatal(err)
		}
		panic("not reached")
	}
}

package relayclient

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// RuntimeInfo is what the relay says of a hybrid connection over the data
// plane, to a policy with the Manage right.
type RuntimeInfo struct {
	CreatedAt                   time.Time
	UpdatedAt                   time.Time
	RequiresClientAuthorization bool // false: senders need no token
	UserMetadata                string
	ListenerCount               int // may lag behind by seconds, and by more after a crash
}

// maxDescription bounds the answer; metadata is at most 1,024 characters.
const maxDescription = 256 << 10

// GetRuntimeInfo asks the relay for a hybrid connection's RuntimeInfo. A
// refusal is a *HandshakeError with Op "describe"; ErrNotFound also stands for
// the answer that the relay gives for a path it does not know, which is the
// namespace's public feed rather than a status.
func GetRuntimeInfo(ctx context.Context, cfg Config) (RuntimeInfo, error) {
	cfg, err := cfg.prepare()
	if err != nil {
		return RuntimeInfo{}, err
	}
	ctx, cancel := withTimeout(ctx, cfg.Timing.Handshake)
	defer cancel()
	address := "https://" + cfg.Namespace + "/" + escapePath(cfg.HybridConnection) + "?api-version=2016-07"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return RuntimeInfo{}, fmt.Errorf("describe: %w", err)
	}
	if _, err := cfg.authorize(ctx, req.Header, &Phases{}); err != nil {
		return RuntimeInfo{}, err
	}
	// Without it the gateway takes the request for one to the listener.
	req.Header["X-PROCESS-AT"] = []string{"ServiceBus"}
	transport := cfg.transport()
	transport.DisableKeepAlives = true
	defer transport.CloseIdleConnections()
	resp, err := transport.RoundTrip(req)
	if err != nil {
		if over(ctx, err) {
			err = context.Cause(ctx)
		}
		return RuntimeInfo{}, fmt.Errorf("describe: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxDescription))
	switch {
	case err != nil:
		return RuntimeInfo{}, fmt.Errorf("describe: %w", err)
	case resp.StatusCode != http.StatusOK:
		return RuntimeInfo{}, describeError(resp, body, req.Header)
	}
	return parseDescription(body)
}

// describeError prefers the XML's own words, which say more than the status
// line.
func describeError(resp *http.Response, body []byte, header http.Header) error {
	var detail struct {
		Detail string `xml:"Detail"`
	}
	if xml.Unmarshal(body, &detail) == nil && detail.Detail != "" {
		resp.Status = fmt.Sprintf("%d %s", resp.StatusCode, detail.Detail)
	}
	return newHandshakeError("describe", resp).cameWith(header)
}

// parseDescription reads an Atom entry. Anything else with status 200, such as
// the namespace's feed, means that the path is not known.
func parseDescription(body []byte) (RuntimeInfo, error) {
	var entry struct {
		XMLName     xml.Name `xml:"entry"`
		Description *struct {
			CreatedAt                   string
			UpdatedAt                   string
			RequiresClientAuthorization *bool
			UserMetadata                string
			ListenerCount               int
		} `xml:"content>HybridConnectionDescription"`
	}
	if err := xml.Unmarshal(body, &entry); err != nil || entry.Description == nil {
		var root struct{ XMLName xml.Name }
		if xml.Unmarshal(body, &root) == nil && (root.XMLName.Local == "feed" || root.XMLName.Local == "entry") {
			return RuntimeInfo{}, fmt.Errorf("describe: %w", ErrNotFound)
		}
		return RuntimeInfo{}, errors.New("describe: the answer is not the XML that a relay sends")
	}
	d := entry.Description
	info := RuntimeInfo{
		RequiresClientAuthorization: d.RequiresClientAuthorization == nil || *d.RequiresClientAuthorization, // absent means yes
		UserMetadata:                d.UserMetadata, ListenerCount: d.ListenerCount,
	}
	// A date that cannot be read is not worth losing the rest for.
	info.CreatedAt, _ = time.Parse(time.RFC3339Nano, d.CreatedAt)
	info.UpdatedAt, _ = time.Parse(time.RFC3339Nano, d.UpdatedAt)
	return info, nil
}

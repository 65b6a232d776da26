package localrelay

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	connectSpace = "http://schemas.microsoft.com/netservices/2010/10/servicebus/connect"
	xsiSpace     = "http://www.w3.org/2001/XMLSchema-instance"
)

// A feed is a list of hybrid connections. One that has no entries is also how
// the service says that it knows nothing of a path.
type feed struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string   `xml:"id"`
	Title   text     `xml:"title"`
	Updated string   `xml:"updated"`
	Count   *count
	Entries []entry `xml:"entry"`
}

type count struct {
	XMLName xml.Name `xml:"http://schemas.microsoft.com/netservices/2010/10/servicebus/connect count"`
	N       int      `xml:",chardata"`
}

type text struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

// An entry describes a hybrid connection. The order of the elements matters
// to Microsoft's .NET client.
type entry struct {
	XMLName   xml.Name `xml:"http://www.w3.org/2005/Atom entry"`
	ID        string   `xml:"id"`
	Title     text     `xml:"title"`
	Published string   `xml:"published"`
	Updated   string   `xml:"updated"`
	Author    string   `xml:"author>name"`
	Content   content  `xml:"content"`
}

type content struct {
	Type        string `xml:"type,attr"`
	Description description
}

type description struct {
	XMLName                     xml.Name `xml:"HybridConnectionDescription"`
	Space                       string   `xml:"xmlns,attr"`
	XSI                         string   `xml:"xmlns:i,attr"`
	CreatedAt                   string
	UpdatedAt                   string
	RequiresClientAuthorization bool
	ListenerCount               int
}

// forManagement reports whether a request is for the relay itself.
func (h *handshake) forManagement() bool {
	path := h.target.texts()
	return strings.EqualFold(strings.TrimSpace(h.req.Header.Get("X-PROCESS-AT")), "ServiceBus") ||
		len(path) == 0 || strings.EqualFold(path[0], "$Resources")
}

// manage answers a request for the relay itself.
func (r *Relay) manage(h *handshake) {
	if h.req.Method != http.MethodGet && h.req.Method != http.MethodHead {
		h.failXML(&refusal{http.StatusMethodNotAllowed, "This relay does not change hybrid connections over its management API"})
		return
	}
	path := h.target.texts()
	if len(path) == 0 {
		h.atom("feed", h.feed(nil, false)) // which anybody may read
		return
	}
	token, _ := httpToken(h.req, h.target.params)
	if _, refused := r.authorize(token, h.entity, path, Manage, time.Now()); refused != nil {
		h.failXML(refused)
		return
	}
	switch {
	case strings.EqualFold(path[0], "$Resources"):
		listed := len(path) == 2 && strings.EqualFold(path[1], "HybridConnections")
		var all []entry
		if listed {
			all = r.entries()
		}
		h.atom("feed", h.feed(all, true))
	case h.entity == nil || len(h.entity.segments) != len(path):
		h.atom("feed", h.feed(nil, false))
	default:
		r.mu.Lock()
		e := r.entry(h.entity)
		r.mu.Unlock()
		e.ID = "https://" + r.Namespace() + requestTarget(h.req, h.target)
		h.atom("entry", e)
	}
}

// entries describes every hybrid connection.
func (r *Relay) entries() []entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []entry
	for _, e := range r.entities {
		list = append(list, r.entry(e))
	}
	return list
}

// entry describes a hybrid connection. The caller holds r.mu.
func (r *Relay) entry(e *entity) entry {
	created := e.created.Format(time.RFC3339)
	return entry{
		ID:        "https://" + r.Namespace() + "/" + e.escapedName(),
		Title:     text{"text", e.Name},
		Published: created,
		Updated:   created,
		Author:    r.Host(),
		Content: content{"application/xml", description{
			Space:                       connectSpace,
			XSI:                         xsiSpace,
			CreatedAt:                   created,
			UpdatedAt:                   created,
			RequiresClientAuthorization: !e.Anonymous,
			ListenerCount:               len(e.listeners),
		}},
	}
}

// feed lists entries, of which the query may choose a page.
func (h *handshake) feed(all []entry, counted bool) feed {
	query, _ := url.ParseQuery(h.target.query) // what can be read of it
	f := feed{
		ID:      "https://" + h.relay.Namespace() + h.req.URL.EscapedPath(),
		Title:   text{"text", "Publicly Listed Services"},
		Updated: time.Now().UTC().Format(time.RFC3339),
	}
	if counted && strings.EqualFold(query.Get("$inlinecount"), "allpages") {
		f.Count = &count{N: len(all)}
	}
	if skip, err := strconv.Atoi(query.Get("$skip")); err == nil && skip > 0 {
		all = all[min(skip, len(all)):]
	}
	if top, err := strconv.Atoi(query.Get("$top")); err == nil && top >= 0 {
		all = all[:min(top, len(all))]
	}
	f.Entries = all
	return f
}

// atom answers with a document.
func (h *handshake) atom(kind string, document any) {
	body, err := xml.Marshal(document)
	if err != nil {
		h.log.Warn("cannot describe", "err", err)
		h.failXML(&refusal{http.StatusInternalServerError, "The description cannot be written"})
		return
	}
	h.w.Header().Set("Content-Type", "application/atom+xml;type="+kind+";charset=utf-8")
	h.w.Header().Set("TrackingId", h.id)
	h.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	// A sender that has left has no use for the error.
	_, _ = h.w.Write(body)
}

// failXML answers a management request with an error.
func (h *handshake) failXML(why *refusal) {
	type problem struct {
		XMLName xml.Name `xml:"Error"`
		Code    int
		Detail  string
	}
	detail := h.detailed(why.text)
	h.log.Info("management request refused", "op", h.req.Method, "status", why.status, "reason", printable(detail))
	body, err := xml.Marshal(problem{Code: why.status, Detail: detail})
	if err != nil {
		body = nil // a number and a string can always be encoded
	}
	h.write(why.status, detail, "application/xml; charset=utf-8", string(body))
}

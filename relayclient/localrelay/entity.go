package localrelay

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"relayscope/relayclient"
)

// Rights are what a shared access policy grants, a set of bits.
type Rights int

// The rights of Azure Relay.
const (
	Listen Rights = 1 << iota
	Send
	Manage // must come with Listen and Send
)

// String names the rights, joined by commas.
func (r Rights) String() string {
	var names []string
	for i, name := range []string{"Listen", "Send", "Manage"} {
		if r&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ",")
}

// A Rule is a shared access policy. The secondary key is optional.
type Rule struct {
	Name         string
	PrimaryKey   relayclient.Secret
	SecondaryKey relayclient.Secret
	Rights       Rights
}

// NewKey makes a key as the service does: 32 random bytes as base64 text.
func NewKey() relayclient.Secret {
	var key [32]byte
	rand.Read(key[:])
	return relayclient.NewSecret(base64.StdEncoding.EncodeToString(key[:]))
}

// An Entity is a hybrid connection.
type Entity struct {
	Name      string // may have several segments
	Anonymous bool   // senders need no token; listeners always do
	Rules     []Rule
}

// EntityStatus says what goes on at one hybrid connection.
type EntityStatus struct {
	Name        string
	Anonymous   bool
	Listeners   int // control channels online
	Waiting     int // senders whose connection or HTTP request no listener has answered yet
	Connections int // joined data connections
}

// An entity is an Entity at work. The Relay's mutex guards its changing part.
type entity struct {
	Entity
	segments  []string
	created   time.Time
	listeners []*controlChannel
	bridges   map[*bridge]struct{}
	exchanges map[*exchange]struct{}
	waiting   int
	gone      bool // deleted, or the relay is stopping
}

func newEntity(e Entity) (*entity, error) {
	name, err := relayclient.CleanHybridConnection(e.Name)
	if err != nil {
		return nil, fmt.Errorf("hybrid connection name %w", err)
	}
	if err := checkRules(e.Rules); err != nil {
		return nil, fmt.Errorf("hybrid connection %s: %w", name, err)
	}
	e.Name = name
	e.Rules = append([]Rule(nil), e.Rules...)
	return &entity{
		Entity:    e,
		segments:  strings.Split(name, "/"),
		created:   time.Now().UTC(),
		bridges:   map[*bridge]struct{}{},
		exchanges: map[*exchange]struct{}{},
	}, nil
}

func checkRules(rules []Rule) error {
	seen := map[string]bool{}
	for _, rule := range rules {
		switch name := strings.ToLower(rule.Name); {
		case name == "":
			return errors.New("a shared access policy has no name")
		case seen[name]:
			return fmt.Errorf("shared access policy %s is there twice", rule.Name)
		case rule.PrimaryKey.Empty():
			return fmt.Errorf("shared access policy %s has no primary key", rule.Name)
		case rule.Rights == 0 || rule.Rights&^(Listen|Send|Manage) != 0:
			return fmt.Errorf("shared access policy %s must grant Listen, Send or Manage", rule.Name)
		case rule.Rights&Manage != 0 && rule.Rights != Listen|Send|Manage:
			return fmt.Errorf("shared access policy %s grants Manage, which must come with Listen and Send", rule.Name)
		default:
			seen[name] = true
		}
	}
	return nil
}

// ruleNamed finds a rule, whatever the case of its name.
func ruleNamed(rules []Rule, name string) (Rule, bool) {
	for _, rule := range rules {
		if strings.EqualFold(rule.Name, name) {
			return rule, true
		}
	}
	return Rule{}, false
}

// prefixes reports whether the entity's name is a whole-segment prefix of path.
func (e *entity) prefixes(path []string) bool {
	if len(e.segments) > len(path) {
		return false
	}
	for i, s := range e.segments {
		if !strings.EqualFold(s, path[i]) {
			return false
		}
	}
	return true
}

// escapedName returns the name as it stands in a URL.
func (e *entity) escapedName() string {
	escaped := make([]string, len(e.segments))
	for i, s := range e.segments {
		escaped[i] = url.PathEscape(s)
	}
	return strings.Join(escaped, "/")
}

// find returns the entity with the longest name that is a prefix of path, or
// nil.
func (r *Relay) find(path []string) *entity {
	r.mu.Lock()
	defer r.mu.Unlock()
	var best *entity
	for _, e := range r.entities {
		if e.prefixes(path) && (best == nil || len(e.segments) > len(best.segments)) {
			best = e
		}
	}
	return best
}

// named returns the entity of that name, or nil. The caller holds r.mu.
func (r *Relay) named(name string) *entity {
	path := strings.Split(strings.Trim(name, "/"), "/")
	for _, e := range r.entities {
		if len(e.segments) == len(path) && e.prefixes(path) {
			return e
		}
	}
	return nil
}

// AddEntity adds a hybrid connection. Its name must not be taken.
func (r *Relay) AddEntity(e Entity) error {
	added, err := newEntity(e)
	if err != nil {
		return fmt.Errorf("add %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.named(added.Name) != nil {
		return fmt.Errorf("add hybrid connection %s: it is there already", added.Name)
	}
	r.entities = append(r.entities, added)
	return nil
}

// RemoveEntity deletes a hybrid connection. Its control channels and joined
// data connections are closed with 1001. It reports whether there was one.
func (r *Relay) RemoveEntity(name string) bool {
	r.mu.Lock()
	e := r.named(name)
	if e == nil {
		r.mu.Unlock()
		return false
	}
	for i, other := range r.entities {
		if other == e {
			r.entities = append(r.entities[:i], r.entities[i+1:]...)
			break
		}
	}
	r.mu.Unlock()
	r.end(e, closing{closeGoingAway, "The hybrid connection was deleted"}, noEntity)
	return true
}

// Entities returns what goes on at each hybrid connection, in the order they
// were added.
func (r *Relay) Entities() []EntityStatus {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]EntityStatus, len(r.entities))
	for i, e := range r.entities {
		list[i] = EntityStatus{e.Name, e.Anonymous, len(e.listeners), e.waiting, len(e.bridges)}
	}
	return list
}

// ConnectionString returns what the portal would hand out for a rule of a
// hybrid connection, or of the namespace. An empty entity gives a string for
// the namespace.
func (r *Relay) ConnectionString(entity, rule string) (relayclient.ConnectionString, error) {
	cs := relayclient.ConnectionString{Namespace: r.Namespace()}
	var found Rule
	var ok bool
	if entity != "" {
		r.mu.Lock()
		e := r.named(entity)
		r.mu.Unlock()
		if e == nil {
			return relayclient.ConnectionString{}, fmt.Errorf("connection string: there is no hybrid connection %q", entity)
		}
		cs.HybridConnection = e.Name
		found, ok = ruleNamed(e.Rules, rule)
	}
	if !ok {
		found, ok = ruleNamed(r.rules, rule)
	}
	if !ok {
		return relayclient.ConnectionString{}, fmt.Errorf("connection string: there is no shared access policy %q", rule)
	}
	cs.KeyName, cs.Key = found.Name, found.PrimaryKey
	return cs, nil
}

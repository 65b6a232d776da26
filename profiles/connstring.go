package profiles

import (
	"encoding/base64"
	"errors"
	"net"
	"slices"
	"strings"
	"unicode/utf8"

	"relayscope/relayclient"
	"relayscope/relayclient/signin"
)

// An ImportError says why a pasted text is no profile, in a sentence for
// people. It quotes nothing of the text but names of keys.
type ImportError struct {
	Message string
	Err     error // the parser's own words; nil if it had none
}

// Error returns the sentence.
func (e *ImportError) Error() string { return e.Message }

// Unwrap returns Err.
func (e *ImportError) Unwrap() error { return e.Err }

// FromConnectionString makes a profile of a pasted connection string, with an
// ID and a proposed name. The notes are sentences for people: what was
// understood, what was ignored, what is still missing. The profile may be
// incomplete: a namespace's string names no hybrid connection. An error is an
// *ImportError.
func FromConnectionString(text string) (Profile, []string, error) {
	cs, err := relayclient.ParseConnectionString(text)
	if err != nil {
		return Profile{}, nil, explainParse(cs, err)
	}
	p := Profile{
		ID:               NewID(),
		Name:             proposeName(cs.Namespace, cs.HybridConnection),
		Namespace:        cs.Namespace,
		HybridConnection: cs.HybridConnection,
		SignIn:           signInOf(cs),
	}
	return p, notes(cs), nil
}

// explainParse recognizes connection strings of other services before it
// repeats what the parser found missing.
func explainParse(cs relayclient.ConnectionString, err error) error {
	has := func(key string) bool {
		return slices.ContainsFunc(cs.Unknown, func(k string) bool { return strings.EqualFold(k, key) })
	}
	e := &ImportError{Err: err}
	parse, ok := errors.AsType[*relayclient.ConnectionStringError](err)
	switch {
	case has("HostName"):
		e.Message = "This is a connection string of IoT Hub. Copy one from an Azure Relay namespace, under Shared access policies."
	case has("AccountName"), has("DefaultEndpointsProtocol"):
		e.Message = "This is a connection string of a storage account. Copy one from an Azure Relay namespace, under Shared access policies."
	case !ok:
		e.Message = "This is not a connection string."
	case strings.Contains(parse.Problem, "line break"):
		e.Message = "The connection string has a line break inside. Copy it again in one piece."
	case parse.Key == "":
		e.Message = "The connection string " + parse.Problem + "."
	default:
		e.Message = "In the connection string, " + parse.Key + " " + parse.Problem + "."
	}
	return e
}

// signInOf returns the way to sign in that a connection string asks for. One
// that asks for none will most likely get a key.
func signInOf(cs relayclient.ConnectionString) signin.Settings {
	switch {
	case !cs.Token.Empty():
		return signin.Settings{Way: signin.SharedAccessToken, Token: cs.Token}
	case cs.ManagedIdentity:
		return signin.Settings{Way: signin.ManagedIdentity}
	}
	return signin.Settings{Way: signin.SharedAccessKey, KeyName: cs.KeyName, Key: cs.Key}
}

// proposeName returns "orders @ contoso", with the whole host where its first
// label says nothing.
func proposeName(namespace, hybridConnection string) string {
	host := namespace
	if h, _, err := net.SplitHostPort(namespace); err == nil {
		host = h
	}
	if net.ParseIP(strings.Trim(host, "[]")) != nil {
		host = namespace
	} else {
		host, _, _ = strings.Cut(host, ".")
	}
	if hybridConnection == "" {
		return host
	}
	name := hybridConnection + " @ " + host
	if utf8.RuneCountInString(name) > maxName {
		name = string([]rune(name)[:maxName-1]) + "…"
	}
	return name
}

func notes(cs relayclient.ConnectionString) []string {
	understood := "Understood: namespace " + cs.Namespace
	if cs.HybridConnection != "" {
		understood += ", hybrid connection " + cs.HybridConnection
	}
	switch {
	case cs.KeyName != "":
		understood += ", policy " + cs.KeyName + " with its key"
	case !cs.Token.Empty():
		understood += ", a ready-made token"
	case cs.ManagedIdentity:
		understood += ", the managed identity of this machine"
	}
	list := []string{understood + "."}
	note := func(when bool, sentence string) {
		if when {
			list = append(list, sentence)
		}
	}
	note(cs.HybridConnection == "", "This is the string of a whole namespace: it has no EntityPath. Enter the name of the hybrid connection.")
	note(!cs.Token.Empty(), "The token cannot be renewed: when it expires, what it opened is closed, and somebody has to make another.")
	note(cs.ManagedIdentity, "If this machine has several managed identities, choose one.")
	note(cs.KeyName == "" && cs.Token.Empty() && !cs.ManagedIdentity, "The string holds no shared access policy. Enter SharedAccessKeyName and SharedAccessKey.")
	note(lacksPadding(cs.Key.Reveal()), "SharedAccessKey seems to lack its last character: a key of this length usually ends in =. Check that all of it was copied.")
	lookAlike := strings.Contains(strings.ToLower(cs.HybridConnection), "/subscriptions/")
	for _, key := range cs.Unknown {
		switch strings.ToLower(key) {
		case "transporttype", "publisher", "usedevelopmentemulator":
			lookAlike = true
		}
		note(true, "Ignored: "+key+", which means nothing to Azure Relay.")
	}
	note(cs.OperationTimeout > 0, "Ignored: OperationTimeout.")
	note(lookAlike, "This looks like a connection string of Service Bus or Event Hubs, whose hosts have the same ending. "+
		"Check that the namespace is an Azure Relay one: there, EntityPath is a hybrid connection and not a queue, topic or event hub.")
	return list
}

// lacksPadding reports whether key is 32 bytes of base64 without the equals
// sign at its end, which a double click leaves behind.
func lacksPadding(key string) bool {
	raw, err := base64.RawStdEncoding.DecodeString(key)
	return err == nil && len(raw) == 32
}

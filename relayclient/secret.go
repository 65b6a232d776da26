package relayclient

import "log/slog"

// A Secret prints as "[redacted]" everywhere; only Reveal returns the text.
// The zero value is the empty secret. It sits behind a pointer because fmt
// reads unexported fields without calling their methods.
type Secret struct{ text *string }

// NewSecret wraps text. The empty text gives the zero Secret.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

const redacted = "[redacted]"

// Reveal returns the text itself. Whoever calls it answers for where it goes.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Empty reports whether there is no text.
func (s Secret) Empty() bool { return s.text == nil }

// String returns "[redacted]", or "" for the empty secret.
func (s Secret) String() string {
	if s.text == nil {
		return ""
	}
	return redacted
}

// GoString keeps %#v from printing a pointer that could be followed.
func (s Secret) GoString() string { return s.String() }

// LogValue keeps the text out of log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText keeps the text out of JSON and its kin. What must be stored
// is stored by calling Reveal.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

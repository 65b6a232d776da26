package localrelay

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A faultOption is one name=value of a fault's text. format returns "" where
// the fault does not say it.
type faultOption struct {
	name   string
	parse  func(f *Fault, value string) error
	format func(f Fault) string
}

// faultOptions are in the order in which Fault.String writes them.
var faultOptions = []faultOption{
	textOption("on", func(f *Fault) *string { return (*string)(&f.On) }),
	numberOption("status", func(f *Fault) *int { return &f.Status }),
	numberOption("code", func(f *Fault) *int { return &f.Code }),
	textOption("reason", func(f *Fault) *string { return &f.Reason }),
	durationOption("by", func(f *Fault) *time.Duration { return &f.Delay }),
	durationOption("for", func(f *Fault) *time.Duration { return &f.For }),
	numberOption("after", func(f *Fault) *int { return &f.After }),
	{"rate", func(f *Fault, value string) (err error) {
		f.BytesPerSecond, err = parseRate(value)
		return err
	}, func(f Fault) string {
		if f.BytesPerSecond == 0 {
			return ""
		}
		return formatRate(f.BytesPerSecond)
	}},
	textOption("entity", func(f *Fault) *string { return &f.Entity }),
	numberOption("times", func(f *Fault) *int { return &f.Times }),
}

func textOption(name string, field func(*Fault) *string) faultOption {
	return faultOption{name, func(f *Fault, value string) error {
		*field(f) = value
		return nil
	}, func(f Fault) string { return *field(&f) }}
}

func numberOption(name string, field func(*Fault) *int) faultOption {
	return faultOption{name, func(f *Fault, value string) error {
		n, err := strconv.ParseUint(value, 10, 31)
		if err != nil {
			return fmt.Errorf("%q is not a number", value)
		}
		*field(f) = int(n)
		return nil
	}, func(f Fault) string {
		if *field(&f) == 0 {
			return ""
		}
		return strconv.Itoa(*field(&f))
	}}
}

func durationOption(name string, field func(*Fault) *time.Duration) faultOption {
	return faultOption{name, func(f *Fault, value string) error {
		d, err := time.ParseDuration(value)
		if err != nil || d <= 0 {
			return fmt.Errorf("%q is not a duration such as 500ms, 2s or 1m30s", value)
		}
		*field(f) = d
		return nil
	}, func(f Fault) string {
		if *field(&f) == 0 {
			return ""
		}
		return field(&f).String()
	}}
}

// ParseFault reads a fault from one line of text: a kind, and options after a
// colon.
//
//	kind[:name=value[,name=value]...]
//
// A value with a comma or a quotation mark in it is written as a Go string,
// "like, this". The options are those of the Fault's fields: on, status, code,
// reason, by (Delay), for, after, rate (bytes per second; k and M stand for
// 1024 and 1024²), entity and times. So
//
//	refuse:on=connect,status=503,reason=busy,times=3
//
// An error says what would have been right.
func ParseFault(text string) (Fault, error) {
	name, rest, more := strings.Cut(strings.TrimSpace(text), ":")
	f := Fault{Kind: FaultKind(name)}
	kind, err := kindNamed(f.Kind)
	if err != nil {
		return Fault{}, err
	}
	seen := map[string]bool{}
	for more {
		var name, value string
		if name, value, rest, more, err = nextOption(rest); err != nil {
			return Fault{}, fmt.Errorf("fault %s: %w", kind.name, err)
		}
		i := slices.IndexFunc(faultOptions, func(o faultOption) bool { return o.name == name })
		switch {
		case i < 0 || !slices.Contains(kind.takes(), name):
			return Fault{}, fmt.Errorf("fault %s has no option %q; it has %s", kind.name, name, listed(kind.takes()))
		case seen[name]:
			return Fault{}, fmt.Errorf("fault %s: %s is there twice", kind.name, name)
		case value == "":
			return Fault{}, fmt.Errorf("fault %s: %s has no value", kind.name, name)
		}
		seen[name] = true
		if err := faultOptions[i].parse(&f, value); err != nil {
			return Fault{}, fmt.Errorf("fault %s: %s: %w", kind.name, name, err)
		}
	}
	if err := f.check(); err != nil {
		return Fault{}, err
	}
	return f, nil
}

// nextOption takes the first name=value off a text.
func nextOption(text string) (name, value, rest string, more bool, err error) {
	name, text, ok := strings.Cut(text, "=")
	if !ok || strings.Contains(name, ",") {
		return "", "", "", false, fmt.Errorf("options are written as name=value and separated by commas")
	}
	if !strings.HasPrefix(text, `"`) {
		value, rest, more = strings.Cut(text, ",")
		return name, value, rest, more, nil
	}
	quoted, err := strconv.QuotedPrefix(text)
	if err != nil {
		return "", "", "", false, fmt.Errorf("%s: the quotation mark is not closed", name)
	}
	if value, err = strconv.Unquote(quoted); err != nil {
		return "", "", "", false, fmt.Errorf("%s: the quoted value cannot be read", name)
	}
	rest, more = strings.CutPrefix(text[len(quoted):], ",")
	if !more && rest != "" {
		return "", "", "", false, fmt.Errorf("%s: a comma must follow the quoted value", name)
	}
	return name, value, rest, more, nil
}

// String writes the fault as ParseFault reads it.
func (f Fault) String() string {
	var b strings.Builder
	b.WriteString(string(f.Kind))
	separator := ":"
	for _, o := range faultOptions {
		value := o.format(f)
		if value == "" {
			continue
		}
		if strings.ContainsAny(value, `,"`) || !oneLineOfText(value) || strings.TrimSpace(value) != value {
			value = strconv.Quote(value)
		}
		b.WriteString(separator + o.name + "=" + value)
		separator = ","
	}
	return b.String()
}

func parseRate(text string) (int, error) {
	digits, shift := text, 0
	switch text[len(text)-1] {
	case 'k', 'K':
		digits, shift = text[:len(text)-1], 10
	case 'm', 'M':
		digits, shift = text[:len(text)-1], 20
	}
	n, err := strconv.ParseUint(digits, 10, 31)
	if err != nil || n == 0 || n<<shift > maxFaultRate {
		return 0, fmt.Errorf("%q is not a number of bytes per second such as 500, 64k or 2M", text)
	}
	return int(n << shift), nil
}

func formatRate(rate int) string {
	switch {
	case rate != 0 && rate%(1<<20) == 0:
		return strconv.Itoa(rate>>20) + "M"
	case rate != 0 && rate%(1<<10) == 0:
		return strconv.Itoa(rate>>10) + "k"
	}
	return strconv.Itoa(rate)
}

// Package importing reads the files in which other tools keep relays, and
// Relayscope's own exports, and says what it found, what it ignored and why.
// It opens no file, changes none and removes nothing from its owner.
//
// The formats, as far as their owners document them or their public sources
// show:
//   - connection strings in any text, as the Azure portal hands them out;
//   - appsettings.json of .NET, with comments and trailing commas: connection
//     strings at any depth, and sections with a namespace and a policy. There
//     is no standard for the latter; the names are those of Azure's samples;
//   - azbridge's YAML, with the names of its documentation and the older ones
//     with underscores;
//   - connections.json of Hybrid Connection Manager 2, a list of objects with
//     Uri, KeyName and KeyValue;
//   - the .NET configuration of Hybrid Connection Manager 0.7, which has
//     connection strings in hybridConnections. It is not documented; published
//     copies of Microsoft.HybridConnectionManager.Listener.exe.config have it so;
//   - appSettings.json of Tunnel Relay, and what it exports;
//   - the XML configuration of Service Bus Explorer, and any other .NET one
//     with connection strings in it.
package importing

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"relayscope/profiles"
	"relayscope/relayclient"
)

// A Format is a kind of file.
type Format int

// The formats. The zero Format is none of them.
const (
	_ Format = iota
	ConnectionStrings
	AppSettings
	Azbridge
	HybridConnectionManager
	ServiceBusExplorer
	TunnelRelay
	DotNetConfig // XML configuration of another .NET program
	Export       // Relayscope's own, without secrets
	SealedExport // Relayscope's own, sealed by a passphrase
)

var formatNames = [...]string{
	"unknown", "connection strings", "appsettings.json", "azbridge configuration", "Hybrid Connection Manager's connections",
	"Service Bus Explorer's namespaces", "Tunnel Relay's settings", ".NET configuration", "Relayscope export", "sealed Relayscope export",
}

// String returns what the format is called in front of people.
func (f Format) String() string {
	if f < 0 || int(f) >= len(formatNames) {
		return fmt.Sprintf("format %d", int(f))
	}
	return formatNames[f]
}

// A Result is what a file holds. Printing one shows no secret.
type Result struct {
	Format  Format
	Found   []Found
	Ignored []Ignored

	full bool // whether Found has reached its limit
}

// A Found is one profile in a file. It may be incomplete.
type Found struct {
	Profile profiles.Profile
	Notes   []string         // sentences for people: what was understood, what was not, what is missing
	Needs   []profiles.Field // to be entered or mended before the profile is complete
	Line    int              // where it begins; 0 if the format has no lines
}

// An Ignored is a part of a file that looks like a connection and is none that
// can be used.
type Ignored struct {
	What string // a name or a place in the file; never a value
	Line int    // 0 if unknown
	Why  string // sentences for people
}

// What Read answers when it cannot read; test for them with errors.Is. Of a
// sealed export, profiles.ErrPassphrase, ErrDamaged and ErrNewer are others.
var (
	ErrUnrecognized = errors.New("importing: not a file that holds relays in a known form")
	ErrTooLarge     = errors.New("importing: file too large")
	ErrBroken       = errors.New("importing: file is broken")
	ErrSealed       = errors.New("importing: file is sealed; its passphrase is needed")
)

// A FileError says why a file cannot be read, and where it is wrong. It quotes
// nothing of the file.
type FileError struct {
	File         string // its name without folders
	Format       Format // what it seemed to be; the zero Format if nothing
	Line, Column int    // from 1; 0 if unknown
	Problem      string // sentences for people
	Err          error  // one of the sentinels
}

// Error says what is wrong, and where.
func (e *FileError) Error() string {
	where := e.File
	if e.Line > 0 {
		where = fmt.Sprintf("%s:%d", where, e.Line)
		if e.Column > 0 {
			where = fmt.Sprintf("%s:%d", where, e.Column)
		}
	}
	return where + ": " + e.Problem
}

// Unwrap returns Err.
func (e *FileError) Unwrap() error { return e.Err }

// Limits. Files of these kinds have some kilobytes.
const (
	MaxFile   = 4 << 20 // bytes; Relayscope's own exports may have more
	maxDepth  = 64      // of nesting
	maxFound  = 1000    // profiles, and ignored parts, of one file
	maxLeaves = 100_000 // values in a JSON file
)

// Read recognizes by its content what a file is and reads it. name serves
// errors only. A sealed export is ErrSealed: call ReadSealed. Every error is a
// *FileError.
func Read(name string, content []byte) (Result, error) {
	return ReadSealed(name, content, relayclient.Secret{})
}

// ReadSealed is Read with the passphrase of a sealed export, which other files
// do not need.
func ReadSealed(name string, content []byte, passphrase relayclient.Secret) (Result, error) {
	r, err := read(content, passphrase)
	if err != nil {
		e, ok := errors.AsType[*FileError](err)
		if !ok {
			e = &FileError{Problem: "The file cannot be read.", Err: ErrBroken}
		}
		e.File = filepath.Base(name)
		return Result{}, e
	}
	for i := range r.Found {
		f := &r.Found[i]
		f.Profile = f.Profile.Normalize()
		f.Needs = needs(f.Profile, f.Needs)
	}
	return r, nil
}

// azbridgeLine is a line that only azbridge's configuration has.
var azbridgeLine = regexp.MustCompile(`(?m)^(?:LocalForward|RemoteForward|AzureRelay[A-Za-z]+)[ \t]*:`)

func read(content []byte, passphrase relayclient.Secret) (Result, error) {
	if len(content) > MaxFile && !ours(content) { // whose own limit is higher
		return Result{}, &FileError{Problem: fmt.Sprintf("The file is larger than %d MB. Files that hold connections are much smaller.", MaxFile>>20), Err: ErrTooLarge}
	}
	text, err := decode(content)
	if err != nil {
		return Result{}, err
	}
	begin := strings.TrimSpace(text)
	switch {
	case profiles.SealedExport([]byte(begin)):
		return readExport(begin, SealedExport, passphrase)
	case ours([]byte(begin)):
		return readExport(text, Export, passphrase)
	case strings.HasPrefix(begin, "<"):
		return readXML(text)
	case strings.HasPrefix(begin, "{"), strings.HasPrefix(begin, "//"), strings.HasPrefix(begin, "/*"):
		return readJSON(text)
	case azbridgeLine.MatchString(text):
		return readAzbridge(text)
	case strings.HasPrefix(begin, "["): // a list, or the head of a section in an .ini file
		r, err := readJSON(text)
		if err == nil {
			return r, nil
		}
		if lines := readLines(text); len(lines.Found) > 0 {
			return lines, nil
		}
		return r, err
	}
	r := readLines(text)
	if len(r.Found)+len(r.Ignored) == 0 {
		return Result{}, &FileError{Problem: "Nothing in the file looks like a relay. " + known, Err: ErrUnrecognized}
	}
	return r, nil
}

const known = "Relayscope reads connection strings in any text, appsettings.json, the configuration of azbridge, Hybrid Connection Manager, Service Bus Explorer and Tunnel Relay, and its own exports."

// found adds a profile, up to the limit, which is said.
func (r *Result) found(f Found) {
	switch {
	case len(r.Found) < maxFound:
		r.Found = append(r.Found, f)
	case !r.full:
		r.full = true
		r.Ignored = append(r.Ignored, Ignored{"the rest of the file", f.Line, fmt.Sprintf("The file holds more than %d connections.", maxFound)})
	}
}

// ignored adds what is not used, up to the limit.
func (r *Result) ignored(what string, line int, why string) {
	if len(r.Ignored) < maxFound {
		r.Ignored = append(r.Ignored, Ignored{what, line, why})
	}
}

// needs lists what keeps p from being complete after the fields that are known
// to be missing.
func needs(p profiles.Profile, missing []profiles.Field) []profiles.Field {
	list := slices.Clone(missing)
	if invalid, ok := errors.AsType[*profiles.ValidationError](p.Validate()); ok {
		for _, problem := range invalid.Problems {
			if !slices.Contains(list, problem.Field) {
				list = append(list, problem.Field)
			}
		}
	}
	slices.Sort(list)
	return list
}

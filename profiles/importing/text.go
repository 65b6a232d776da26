package importing

import (
	"bytes"
	"encoding/binary"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"relayscope/profiles"
	"relayscope/relayclient/signin"
)

// decode returns content as text: UTF-8, or UTF-16 with a byte order mark, in
// which PowerShell writes files.
func decode(content []byte) (string, error) {
	binaryFile := &FileError{Problem: "The file is not text. " + known, Err: ErrUnrecognized}
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(content, []byte{0xff, 0xfe}):
		order = binary.LittleEndian
	case bytes.HasPrefix(content, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	default:
		content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
		if bytes.IndexByte(content, 0) >= 0 {
			return "", binaryFile
		}
		if !utf8.Valid(content) {
			valid := strings.ToValidUTF8(string(content), "\ufffd")
			line, _ := position(valid, strings.IndexRune(valid, '\ufffd'))
			return "", &FileError{Line: line, Err: ErrUnrecognized, Problem: "The file is in an older encoding than UTF-8, by a letter in this line. " +
				"Open it in an editor, save a copy as UTF-8 and import that."}
		}
		return string(content), nil
	}
	content = content[2:]
	if len(content)%2 != 0 {
		return "", binaryFile
	}
	units := make([]uint16, len(content)/2)
	for i := range units {
		units[i] = order.Uint16(content[2*i:])
	}
	text := string(utf16.Decode(units))
	if strings.ContainsRune(text, 0) {
		return "", binaryFile
	}
	return text, nil
}

// A connection string in a line of any text begins with a key that it is known
// for. Two kinds of value have a space in them; others end where one begins.
var inLine = regexp.MustCompile(`(?i)\b(?:Endpoint|EntityPath|SharedAccessKeyName|SharedAccessKey|SharedAccessSignature|Authentication)=` + value +
	`(?:[ \t]*;[ \t]*[A-Za-z]{1,40}[ \t]*=` + value + `)*`)

const value = "(?:Managed Identity|SharedAccessSignature [^;\\s\"'<>`]*|[^;\\s\"'<>`]*)"

// readLines finds the connection strings in any text.
func readLines(text string) Result {
	r := Result{Format: ConnectionStrings}
	line := 0
	for content := range strings.Lines(text) {
		line++
		for _, s := range inLine.FindAllString(content, -1) {
			if strings.Contains(strings.ToLower(s), "endpoint=") && strings.Contains(s, "://") {
				r.connectionString(s, "a connection string", "", line)
			}
		}
	}
	return r
}

// connectionString adds what text holds. what says for people where it stands;
// name is what its owner calls it, or "".
func (r *Result) connectionString(text, what, name string, line int) {
	if strings.Contains(strings.ToLower(text), "sharedsecretissuer=") {
		r.ignored(what, line, "It signs in by Access Control Service, which is retired. Use a shared access policy.")
		return
	}
	p, notes, err := profiles.FromConnectionString(text)
	if err != nil {
		r.ignored(what, line, err.Error()) // a sentence that quotes no value
		return
	}
	if name != "" {
		p.Name = name
	}
	if p.SignIn.Way == signin.SharedAccessKey && placeholder(p.SignIn.Key.Reveal()) {
		p.SignIn.Key = secret("")
		notes = append(notes, "In place of SharedAccessKey there is a placeholder. Enter the key.")
	}
	r.found(Found{Profile: p, Notes: notes, Line: line})
}

// looksLikeOne reports whether a value in a configuration file is meant as a
// connection string of Azure.
func looksLikeOne(text string) bool {
	lower := strings.ToLower(text)
	if !strings.Contains(text, ";") && !strings.HasPrefix(lower, "endpoint=") {
		return false
	}
	for _, key := range []string{"endpoint=", "sharedaccesskey=", "sharedaccesssignature=", "accountname=", "usedevelopmentstorage="} {
		if strings.HasPrefix(lower, key) || strings.Contains(lower, ";"+key) {
			return !strings.Contains(lower, "instrumentationkey=") && (strings.Contains(lower, "sb://") || !strings.Contains(lower, "accountendpoint="))
		}
	}
	return false
}

// placeholder reports whether text stands for a value that somebody has to
// fill in or that is kept elsewhere.
func placeholder(text string) bool {
	switch {
	case text == "":
		return false
	case strings.ContainsAny(text, "<>{}[]*…"), strings.HasPrefix(text, "@Microsoft.KeyVault("), strings.HasPrefix(text, "$("), strings.HasPrefix(text, "%"):
		return true
	}
	return strings.Trim(text, "xX=.") == "" || strings.HasPrefix(strings.ToLower(text), "your")
}

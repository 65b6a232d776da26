package request

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"relayscope/relayclient"
)

// TokenVariable is the environment variable that a written command takes the
// token from: no command ever holds a secret of the profile's.
const TokenVariable = "RELAY_TOKEN"

// A Tool is another program that can send a request.
type Tool int

// The tools.
const (
	Curl       Tool = 1 + iota // and a POSIX shell; a body that is no text takes bash or zsh
	PowerShell                 // 5.1 and later
	Go                         // a program of its own, standard library only
)

func (t Tool) String() string {
	switch t {
	case Curl:
		return "curl"
	case PowerShell:
		return "PowerShell"
	case Go:
		return "Go"
	}
	return "unknown"
}

// A Place is where a written command sends the request.
type Place struct {
	Namespace        string // host, with ":port" unless that is 443
	HybridConnection string
	OwnCA            bool // the relay's certificate is not of an authority that systems know
}

// Command writes the request down for another tool. What the person wrote is
// in it, but for what looks like a credential: headers like that come from
// environment variables as the token does, and in the query a gap is left.
func (r Request) Command(t Tool, p Place) (string, error) {
	if err := r.Check(); err != nil {
		return "", err
	}
	target, err := CleanTarget(r.Target)
	if err != nil {
		return "", err
	}
	path, query, asked := strings.Cut(target, "?")
	if asked {
		safe := relayclient.RedactQuery(query)
		query = strings.ReplaceAll(safe, hiddenMark, gap)
		path += "?" + query
	}
	w := writing{Request: r, place: p, address: "https://" + p.Namespace + escapedName(p) + path, gaps: strings.Contains(query, gap)}
	w.split()
	if r.File != "" {
		if w.File, err = filepath.Abs(r.File); err != nil {
			return "", err
		}
	}
	switch t {
	case Curl:
		return w.curl(), nil
	case PowerShell:
		return w.powerShell(), nil
	case Go:
		return w.program(), nil
	}
	return "", fmt.Errorf("there is no way to write a request for %v", t)
}

// escapedName is the hybrid connection's path.
func escapedName(p Place) string {
	return strings.TrimPrefix(relayclient.Audience("relay", p.HybridConnection), "http://relay")
}

// hiddenMark is what redacting leaves, and gap what is written in its place.
const (
	hiddenMark = "[redacted]"
	gap        = "FILL-IN"
)

type writing struct {
	Request
	place   Place
	address string
	gaps    bool     // in the address
	hidden  []string // names of headers whose values are not written
}

// split takes the headers that look like credentials out of the others.
func (w *writing) split() {
	safe := relayclient.RedactHeader(w.Header)
	open := http.Header{}
	for _, name := range sortedNames(w.Header) {
		if slices.Equal(safe[name], w.Header[name]) {
			open[name] = w.Header[name]
		} else {
			w.hidden = append(w.hidden, name)
		}
	}
	w.Header = open
}

// variable is the environment variable for the value of a header.
func variable(name string) string {
	return "RELAY_" + strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, strings.ToUpper(name))
}

// hasBody reports whether a body is written at all.
func (w *writing) hasBody() bool { return len(w.Body) > 0 || w.File != "" }

// text reports whether the body can stand in a script as it is.
func (w *writing) text() bool {
	return utf8.Valid(w.Body) && !strings.ContainsFunc(string(w.Body), func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == '\ufeff' || r == '\u2028' || r == '\u2029'
	})
}

// notes says what has to be there, as comments.
func (w *writing) notes(mark, export, authority string) string {
	var b strings.Builder
	if w.Token != Nowhere {
		b.WriteString(mark + " The token is not in here. Put one with the Send right into " + TokenVariable + ":\n")
		b.WriteString(mark + "   " + export + "\n")
	}
	for _, name := range w.hidden {
		b.WriteString(mark + " The value of " + name + " is not in here: put it into " + variable(name) + ".\n")
	}
	if w.gaps {
		b.WriteString(mark + " A value in the query looks like a credential: put it in the place of " + gap + ".\n")
	}
	if w.place.OwnCA && authority != "" {
		b.WriteString(mark + " This relay's certificate needs an authority of its own: " + authority + "\n")
	}
	return b.String()
}

const signCommand = "relayscope sign --connection-string-env RELAY_SEND"

func (w *writing) curl() string {
	var b strings.Builder
	if w.Verb() == http.MethodHead {
		w.Body, w.File = nil, "" // curl has no way to send one
	}
	b.WriteString(w.notes("#", "export "+TokenVariable+`="$(`+signCommand+`)"`, `set CURL_CA_BUNDLE to its PEM file.`))
	// What stands on a command line is there for every user of the computer.
	names, values := "", ""
	if w.Token != InQuery && w.Token != Nowhere {
		names, values = tokenHeader+`: %s\n`, ` "$`+TokenVariable+`"`
	}
	for _, name := range w.hidden {
		names += name + `: %s\n`
		values += ` "$` + variable(name) + `"`
	}
	secret := ""
	if names != "" {
		secret = "printf '" + names + "'" + values
	}
	switch {
	case w.Token == InQuery:
		b.WriteString("# In the URL, whatever sees the URL logs the token.\n")
		b.WriteString(`printf %s "$` + TokenVariable + `" | `)
	case secret != "":
		b.WriteString(secret + " | ")
	}
	b.WriteString("curl --silent --show-error --include --max-time 75")
	switch w.Verb() {
	case http.MethodHead:
		b.WriteString(" \\\n  --head")
	case http.MethodGet:
		if w.hasBody() {
			b.WriteString(" \\\n  --request GET")
		}
	default:
		b.WriteString(" \\\n  --request " + shellQuote(w.Verb()))
	}
	switch {
	case w.Token == InQuery:
		b.WriteString(" \\\n  --url-query " + tokenParameter + "@-")
		if secret != "" { // bash and zsh
			b.WriteString(" \\\n  --header @<(" + secret + ")")
		}
	case secret != "":
		b.WriteString(" \\\n  --header @-")
	}
	for _, name := range sortedNames(w.Header) {
		for _, value := range w.Header[name] {
			line := name + ": " + value
			if value == "" {
				line = name + ";" // which is how curl sends an empty one
			}
			b.WriteString(" \\\n  --header " + shellQuote(line))
		}
	}
	if w.hasBody() && w.Header.Get("Content-Type") == "" {
		b.WriteString(" \\\n  --header 'Content-Type:'") // or curl says that it is a form
	}
	switch {
	case w.File != "":
		b.WriteString(" \\\n  --data-binary " + shellQuote("@"+w.File))
	case len(w.Body) == 0:
	case w.text() && w.Body[0] != '@':
		b.WriteString(" \\\n  --data-binary " + shellQuote(string(w.Body)))
	default: // bash and zsh
		b.WriteString(" \\\n  --data-binary @<(base64 -d <<< " + shellQuote(base64.StdEncoding.EncodeToString(w.Body)) + ")")
	}
	b.WriteString(" \\\n  --globoff --path-as-is " + shellQuote(w.address) + "\n")
	return b.String()
}

// shellQuote makes one word of text for a POSIX shell.
func shellQuote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

func (w *writing) powerShell() string {
	var b strings.Builder
	b.WriteString(w.notes("#", "$env:"+TokenVariable+" = "+signCommand, "import its PEM file into the trusted root certificates."))
	if w.Token == InQuery {
		b.WriteString("# In the URL, whatever sees the URL logs the token.\n")
	}
	b.WriteString("[Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12\n")
	b.WriteString("Add-Type -AssemblyName System.Net.Http\n")
	address := psQuote(w.address)
	if w.Token == InQuery {
		joint := "?"
		if strings.Contains(w.address, "?") {
			joint = "&"
		}
		address = "(" + psQuote(w.address+joint+tokenParameter+"=") + " + [Uri]::EscapeDataString($env:" + TokenVariable + "))"
	}
	b.WriteString("$handler = New-Object Net.Http.HttpClientHandler -Property @{ AllowAutoRedirect = $false }\n")
	b.WriteString("$client = New-Object Net.Http.HttpClient $handler\n")
	b.WriteString("$client.Timeout = [TimeSpan]::FromSeconds(75)\n")
	b.WriteString("$request = New-Object Net.Http.HttpRequestMessage (New-Object Net.Http.HttpMethod " + psQuote(w.Verb()) + "), " + address + "\n")
	if w.Token != InQuery && w.Token != Nowhere {
		b.WriteString("[void]$request.Headers.TryAddWithoutValidation(" + psQuote(tokenHeader) + ", $env:" + TokenVariable + ")\n")
	}
	content := false
	switch {
	case w.File != "":
		b.WriteString("$request.Content = New-Object Net.Http.StreamContent ([IO.File]::OpenRead(" + psQuote(w.File) + "))\n")
		content = true
	case len(w.Body) == 0:
	case w.text():
		b.WriteString("$body = [Text.Encoding]::UTF8.GetBytes(" + psQuote(string(w.Body)) + ")\n")
		content = true
	default:
		b.WriteString("$body = [Convert]::FromBase64String(" + psQuote(base64.StdEncoding.EncodeToString(w.Body)) + ")\n")
		content = true
	}
	if content && w.File == "" {
		b.WriteString("$request.Content = New-Object Net.Http.ByteArrayContent (, $body)\n")
	}
	for _, name := range sortedNames(w.Header) {
		to := "Headers"
		if ofContent(name) {
			if !content && (w.Verb() == http.MethodGet || w.Verb() == http.MethodHead) {
				b.WriteString("# " + name + " is left out: .NET sends it only with a body.\n")
				continue
			}
			if !content {
				b.WriteString("$request.Content = New-Object Net.Http.ByteArrayContent (, [byte[]]@())\n")
				content = true
			}
			to = "Content.Headers"
		}
		for _, value := range w.Header[name] {
			b.WriteString("[void]$request." + to + ".TryAddWithoutValidation(" + psQuote(name) + ", " + psQuote(value) + ")\n")
		}
	}
	for _, name := range w.hidden {
		b.WriteString("[void]$request.Headers.TryAddWithoutValidation(" + psQuote(name) + ", $env:" + variable(name) + ")\n")
	}
	b.WriteString("$response = $client.SendAsync($request).GetAwaiter().GetResult()\n")
	b.WriteString("'{0} {1}' -f [int]$response.StatusCode, $response.ReasonPhrase\n")
	b.WriteString("$response.Headers.ToString()\n")
	b.WriteString("$response.Content.ReadAsStringAsync().GetAwaiter().GetResult()\n")
	return b.String()
}

// ofContent reports whether .NET keeps a header with the body.
func ofContent(name string) bool {
	switch name {
	case "Allow", "Expires", "Last-Modified":
		return true
	}
	return strings.HasPrefix(name, "Content-")
}

// psQuote makes an expression for text in which nothing means anything to
// PowerShell. What is not ASCII goes by its number, because a script without a
// byte order mark is not read as UTF-8, and so do line ends, which an editor
// may change.
func psQuote(text string) string {
	var parts []string
	var plain strings.Builder
	flush := func() {
		if plain.Len() > 0 {
			parts = append(parts, "'"+strings.ReplaceAll(plain.String(), "'", "''")+"'")
			plain.Reset()
		}
	}
	for _, r := range text {
		if r >= ' ' && r < 0x7f {
			plain.WriteRune(r)
			continue
		}
		flush()
		parts = append(parts, fmt.Sprintf("[char]::ConvertFromUtf32(0x%X)", r))
	}
	flush()
	switch len(parts) {
	case 0:
		return "''"
	case 1:
		return parts[0]
	}
	return "(" + strings.Join(parts, " + ") + ")"
}

func (w *writing) program() string {
	var b strings.Builder
	b.WriteString(w.notes("//", "export "+TokenVariable+`="$(`+signCommand+`)"`, "on Linux set SSL_CERT_FILE to its PEM file; elsewhere trust it in the system."))
	if w.Token == InQuery {
		b.WriteString("// In the URL, whatever sees the URL logs the token.\n")
	}
	imports := []string{"fmt", "net/http", "os", "time"}
	body := "nil"
	switch {
	case w.File != "":
		body = "body"
	case len(w.Body) > 0:
		imports = append(imports, "strings")
		body = "strings.NewReader(" + goQuote(string(w.Body)) + ")"
	}
	if w.Token == InQuery {
		imports = append(imports, "net/url")
	}
	b.WriteString("package main\n\nimport (\n")
	slices.Sort(imports)
	for _, path := range imports {
		b.WriteString("\t" + strconv.Quote(path) + "\n")
	}
	b.WriteString(")\n\nfunc main() {\n\tif err := run(); err != nil {\n\t\tfmt.Fprintln(os.Stderr, err)\n\t\tos.Exit(1)\n\t}\n}\n\n")
	b.WriteString("func run() error {\n\taddress := " + goQuote(w.address) + "\n")
	if w.Token == InQuery {
		joint := "?"
		if strings.Contains(w.address, "?") {
			joint = "&"
		}
		b.WriteString("\taddress += " + strconv.Quote(joint+tokenParameter+"=") + " + url.QueryEscape(os.Getenv(" + strconv.Quote(TokenVariable) + "))\n")
	}
	if w.File != "" {
		b.WriteString("\tbody, err := os.Open(" + goQuote(w.File) + ")\n\tif err != nil {\n\t\treturn err\n\t}\n")
		b.WriteString("\tdefer body.Close()\n\tinfo, err := body.Stat()\n\tif err != nil {\n\t\treturn err\n\t}\n")
	}
	b.WriteString("\treq, err := http.NewRequest(" + strconv.Quote(w.Verb()) + ", address, " + body + ")\n\tif err != nil {\n\t\treturn err\n\t}\n")
	if w.File != "" {
		b.WriteString("\treq.ContentLength = info.Size()\n")
	}
	if w.Token != InQuery && w.Token != Nowhere {
		b.WriteString("\treq.Header.Set(" + strconv.Quote(tokenHeader) + ", os.Getenv(" + strconv.Quote(TokenVariable) + "))\n")
	}
	for _, name := range sortedNames(w.Header) {
		for _, value := range w.Header[name] {
			b.WriteString("\treq.Header.Add(" + strconv.Quote(name) + ", " + goQuote(value) + ")\n")
		}
	}
	for _, name := range w.hidden {
		b.WriteString("\treq.Header.Set(" + strconv.Quote(name) + ", os.Getenv(" + strconv.Quote(variable(name)) + "))\n")
	}
	b.WriteString("\tclient := &http.Client{\n\t\tTimeout: 75 * time.Second,\n")
	b.WriteString("\t\tCheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },\n\t}\n")
	b.WriteString("\tresp, err := client.Do(req)\n\tif err != nil {\n\t\treturn err\n\t}\n\tdefer resp.Body.Close()\n\treturn resp.Write(os.Stdout)\n}\n")
	return b.String()
}

func goQuote(text string) string {
	if strconv.CanBackquote(text) && strings.ContainsAny(text, "\"\\") {
		return "`" + text + "`"
	}
	return strconv.Quote(text)
}

package importing

import (
	"encoding/xml"
	"io"
	"strings"
)

const isSBE = "Service Bus Explorer keeps namespaces of Service Bus, Event Hubs and Azure Relay alike. Only those of Azure Relay have hybrid connections."

// readXML reads .NET configurations: attributes and texts that are connection
// strings. Service Bus Explorer keeps them in its section serviceBusNamespaces,
// as <add key="NAME" value="CONNECTION STRING"/>, and Hybrid Connection Manager
// 0.7 in hybridConnections, as <hybridConnection connectionString="…"/>.
func readXML(text string) (Result, error) {
	r := Result{Format: DotNetConfig}
	d := xml.NewDecoder(strings.NewReader(text))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // it is UTF-8 by now
	depth, inNamespaces := 0, 0
	for {
		line, column := d.InputPos()
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err == nil && depth > maxDepth {
			return Result{}, &FileError{Line: line, Column: column, Problem: "The XML is nested too deep.", Err: ErrBroken}
		}
		if err != nil { // its words may quote the file
			line, column = d.InputPos()
			return Result{}, &FileError{Line: line, Column: column, Problem: "The XML cannot be read from here on: look for a missing quote, bracket or closing tag just before.", Err: ErrBroken}
		}
		switch t := token.(type) {
		case xml.StartElement:
			depth++
			if t.Name.Local == "serviceBusNamespaces" && inNamespaces == 0 {
				r.Format, inNamespaces = ServiceBusExplorer, depth
			}
			if t.Name.Local == "hybridConnections" && r.Format == DotNetConfig {
				r.Format = HybridConnectionManager
			}
			r.element(t, inNamespaces > 0, line)
		case xml.EndElement:
			if depth == inNamespaces {
				inNamespaces = 0
			}
			depth--
		case xml.CharData:
			if s := strings.TrimSpace(string(t)); looksLikeOne(s) {
				r.connectionString(s, "a text", "", line)
			}
		}
	}
	if r.Format == DotNetConfig && len(r.Found)+len(r.Ignored) == 0 {
		return Result{}, &FileError{Problem: "The file is XML, but no connection string is in it.", Err: ErrUnrecognized}
	}
	return r, nil
}

func (r *Result) element(t xml.StartElement, inNamespaces bool, line int) {
	var name string
	for _, a := range t.Attr {
		if a.Name.Local == "key" || a.Name.Local == "name" {
			name = a.Value
		}
	}
	if looksLikeOne(name) || len(name) > 100 || strings.Contains(strings.ToLower(name), "sharedaccess") {
		name = "" // put into the wrong attribute
	}
	what := "an entry"
	if name != "" {
		what = "entry " + name
	}
	for _, a := range t.Attr {
		if isValue := inNamespaces && a.Name.Local == "value"; !isValue && !looksLikeOne(a.Value) {
			continue
		}
		n := len(r.Found)
		r.connectionString(a.Value, what, name, line)
		if len(r.Found) == n {
			continue
		}
		switch {
		case inNamespaces:
			r.Found[n].Notes = append(r.Found[n].Notes, isSBE)
		case t.Name.Local == "hybridConnection" && !r.Found[n].Profile.SignIn.Key.Empty():
			r.Found[n].Notes = append(r.Found[n].Notes, "Hybrid Connection Manager keeps the key in clear in this file, and still does.")
		}
	}
}

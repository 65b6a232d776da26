package live

import (
	"encoding/xml"
	"io"
	"strings"
)

// An xmlNode is one piece of a document, as it was written.
type xmlNode struct {
	text     string // of the piece itself; of an element, its first tag
	end      string // an element's last tag; "" if it has none of its own
	children []*xmlNode
	element  bool
	verbatim bool // its space means something
}

// formatXML puts every element on a line of its own, but for those that hold
// text: space between text and tags is part of what a document says. Nothing
// else of the document changes.
func formatXML(text string) (string, error) {
	root, err := parseXML(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, n := range root.children {
		n.write(&b, 0)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

func parseXML(text string) (*xmlNode, error) {
	d := newXMLDecoder(text)
	root := &xmlNode{element: true}
	open := []*xmlNode{root}
	for {
		from := d.InputOffset()
		token, err := d.RawToken()
		if err == io.EOF {
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		raw, parent := text[from:d.InputOffset()], open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			n := &xmlNode{text: raw, element: true, verbatim: parent.verbatim}
			for _, a := range token.Attr {
				if a.Name.Space == "xml" && a.Name.Local == "space" {
					n.verbatim = a.Value == "preserve"
				}
			}
			parent.children = append(parent.children, n)
			open = append(open, n)
		case xml.EndElement:
			parent.end = raw
			open = open[:len(open)-1]
		case xml.CharData:
			if strings.TrimSpace(raw) != "" && len(open) > 1 {
				parent.verbatim = true
			}
			parent.children = append(parent.children, &xmlNode{text: raw})
		default:
			parent.children = append(parent.children, &xmlNode{text: raw})
		}
	}
}

// write adds n, and the end of its line.
func (n *xmlNode) write(b *strings.Builder, depth int) {
	if !n.element && strings.TrimSpace(n.text) == "" {
		return
	}
	b.WriteString(strings.Repeat("  ", depth))
	if !n.element || n.verbatim || !n.hasChildren() {
		n.writeRaw(b)
		b.WriteByte('\n')
		return
	}
	b.WriteString(n.text + "\n")
	for _, child := range n.children {
		child.write(b, depth+1)
	}
	b.WriteString(strings.Repeat("  ", depth) + n.end + "\n")
}

// hasChildren reports whether there is anything in n but space.
func (n *xmlNode) hasChildren() bool {
	for _, child := range n.children {
		if child.element || strings.TrimSpace(child.text) != "" {
			return true
		}
	}
	return false
}

func (n *xmlNode) writeRaw(b *strings.Builder) {
	b.WriteString(n.text)
	for _, child := range n.children {
		child.writeRaw(b)
	}
	b.WriteString(n.end)
}

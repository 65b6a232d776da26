package messagelog

import (
	"relayscope/relayclient/payload"
	"relayscope/ui/widgets"
)

// maxTinted bounds how much text gets colours: they help to read a page, not a
// megabyte.
const maxTinted = 256 << 10

// tintsOf colours a text that payload.Pretty laid out.
func tintsOf(text string, f payload.Format) []widgets.Tinted {
	if len(text) > maxTinted {
		return nil
	}
	switch f {
	case payload.JSON, payload.MessagePack, payload.CBOR:
		return tintJSON(text)
	case payload.XML:
		return tintXML(text)
	case payload.Form:
		return tintLines(text, " = ")
	}
	return nil
}

func tinted(from, to int, tone widgets.Tone) widgets.Tinted {
	return widgets.Tinted{Part: widgets.Part{From: from, To: to}, Tone: tone}
}

// tintJSON colours keys, strings, and what is neither.
func tintJSON(text string) []widgets.Tinted {
	var all []widgets.Tinted
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '"':
			end := i + 1
			for end < len(text) && text[end] != '"' {
				if text[end] == '\\' {
					end++
				}
				end++
			}
			end = min(end+1, len(text))
			tone := widgets.Good
			if end < len(text) && text[end] == ':' {
				tone = widgets.In
			}
			all = append(all, tinted(i, end, tone))
			i = end
		case c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z':
			end := i + 1
			for end < len(text) && (text[end] >= '0' && text[end] <= '9' || text[end] >= 'a' && text[end] <= 'z' || text[end] == '.' || text[end] == '+' || text[end] == '-' || text[end] == 'E') {
				end++
			}
			all = append(all, tinted(i, end, widgets.Out))
			i = end
		default:
			i++
		}
	}
	return all
}

// tintXML colours tags.
func tintXML(text string) []widgets.Tinted {
	var all []widgets.Tinted
	for i := 0; i < len(text); i++ {
		if text[i] != '<' {
			continue
		}
		end := i
		for quoted := byte(0); end < len(text); end++ {
			switch c := text[end]; {
			case quoted != 0 && c == quoted:
				quoted = 0
			case quoted == 0 && (c == '"' || c == '\''):
				quoted = c
			}
			if quoted == 0 && text[end] == '>' {
				break
			}
		}
		end = min(end+1, len(text))
		all = append(all, tinted(i, end, widgets.In))
		i = end - 1
	}
	return all
}

// tintLines colours what is before a separator in each line.
func tintLines(text, separator string) []widgets.Tinted {
	var all []widgets.Tinted
	for from := 0; from < len(text); {
		end := from
		for end < len(text) && text[end] != '\n' {
			end++
		}
		for i := from; i+len(separator) <= end; i++ {
			if text[i:i+len(separator)] == separator {
				all = append(all, tinted(from, i, widgets.In))
				break
			}
		}
		from = end + 1
	}
	return all
}

package widgets_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"relayscope/ui/widgets"
)

func TestShownEscapesWhatDeceives(t *testing.T) {
	test.NewTempApp(t)
	for text, want := range map[string]string{
		"orders @ contoso": "orders @ contoso",
		"a\u202eb\u2066c":  `a\u202eb\u2066c`,
		"\x1b[31mred\x07":  `\x1b[31mred\x07`,
		"two\nlines\t.":    "two\nlines\t.",
		"zero\u200bwidth":  `zero\u200bwidth`,
		"\u4e16\u754c مرحبا – “ok” 🙂 …": "\u4e16\u754c مرحبا – “ok” 🙂 …",
		"bad\xff": `bad\xff`,
	} {
		if got := widgets.Shown(text); got != want {
			t.Errorf("Shown(%q) = %q, want %q", text, got, want)
		}
	}
	if got := widgets.ShownLine("one\nline"); got != `one\nline` {
		t.Errorf("ShownLine = %q", got)
	}
}

// veil is a theme that hides names.
type veil struct {
	fyne.Theme
	hidden *widgets.Hidden
}

func (v veil) Hidden() *widgets.Hidden { return v.hidden }

func TestNamesAreHiddenAsWords(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(veil{theme.DefaultTheme(), widgets.Hide("contoso", "contoso.onmicrosoft.com", "ab")})
	for text, want := range map[string]string{
		"sb://Contoso.servicebus.windows.net/orders": "sb://#.servicebus.windows.net/orders",
		"contosomatic ab":                     "contosomatic ab",
		"İ CONTOSO (contoso.onmicrosoft.com)": "İ # (#)",
		"contoso":                             "#",
		"":                                    "",
	} {
		if got := strings.ReplaceAll(widgets.Shown(text), "██████", "#"); got != want {
			t.Errorf("Shown(%q) = %q, want %q", text, got, want)
		}
	}
}

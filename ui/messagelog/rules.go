package messagelog

import (
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"relayscope/relayclient/journal"
)

// A rule gives rows that match a filter a colour, as a mark does. Marks of a
// person come first, then the rules in their order.
type rule struct {
	text  string
	query journal.Query
	mark  journal.Mark
}

// maxRules bounds what is looked at for every row on screen.
const maxRules = 20

// rules returns those that are kept, as "mark\ttext".
func keptRules() []rule {
	var list []rule
	for _, line := range prefs().StringList(rulesKey) {
		mark, text, _ := strings.Cut(line, "\t")
		n, err := strconv.Atoi(mark)
		q, wrong := journal.Parse(text)
		if err == nil && wrong == nil && slices.Contains(journal.Marks(), journal.Mark(n)) && len(list) < maxRules {
			list = append(list, rule{text, q, journal.Mark(n)})
		}
	}
	return list
}

// setRule gives rows that match a text a colour, or none.
func (p *Pane) setRule(text string, mark journal.Mark) {
	list := slices.DeleteFunc(keptRules(), func(r rule) bool { return r.text == text })
	if mark != journal.NoMark && len(list) < maxRules {
		list = append(list, rule{text: text, mark: mark})
	}
	lines := make([]string, len(list))
	for i, r := range list {
		lines[i] = strconv.Itoa(int(r.mark)) + "\t" + r.text
	}
	prefs().SetStringList(rulesKey, lines)
	p.source.rules, p.source.ruled = keptRules(), nil
	p.list.Refresh()
}

// markOf is the mark of a row, or the colour that a rule gives it.
func (s *source) markOf(r *journal.Row) journal.Mark {
	if r.Mark != journal.NoMark || len(s.rules) == 0 {
		return r.Mark
	}
	if mark, known := s.ruled[r.Number]; known {
		return mark
	}
	mark := journal.NoMark
	for i := range s.rules {
		if s.rules[i].query.Match(r) {
			mark = s.rules[i].mark
			break
		}
	}
	if s.ruled == nil || len(s.ruled) >= maxKnown {
		s.ruled = map[uint64]journal.Mark{}
	}
	s.ruled[r.Number] = mark
	return mark
}

// ruleItems are the menu items for colours.
func (p *Pane) ruleItems() []*fyne.MenuItem {
	text := p.bar.entry.Text
	rules := keptRules()
	colour := item("Colour rows that match", text == "" || p.bar.problem.Text != "", nil)
	var colours []*fyne.MenuItem
	for _, m := range journal.Marks() {
		i := item(markName(m), false, func() { p.setRule(text, m) })
		i.Checked = slices.ContainsFunc(rules, func(r rule) bool { return r.text == text && r.mark == m })
		colours = append(colours, i)
	}
	if !colour.Disabled {
		colour.ChildMenu = fyne.NewMenu("", colours...)
	}
	remove := item("Take a colour away", len(rules) == 0, nil)
	var used []*fyne.MenuItem
	for _, r := range rules {
		used = append(used, item(markName(r.mark)+": "+shortName(r.text), false, func() { p.setRule(r.text, journal.NoMark) }))
	}
	if len(used) > 0 {
		remove.ChildMenu = fyne.NewMenu("", used...)
	}
	return []*fyne.MenuItem{colour, remove}
}

func markName(m journal.Mark) string { return sentence(m.String()) }

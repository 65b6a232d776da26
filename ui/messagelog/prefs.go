package messagelog

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"relayscope/relayclient/journal"
	"relayscope/ui/widgets"
)

// What the pane remembers between runs. None of it is secret.
const (
	columnsKey  = "log.columns"
	clockKey    = "log.clock"
	filtersKey  = "log.filters"
	filterKey   = "log.filter"
	chipKey     = "log.chip"
	findKey     = "log.find"
	everyRunKey = "log.record"
	folderKey   = "log.folder"
	rulesKey    = "log.rules"
	rowsKey     = "log.rows"
	bytesKey    = "log.megabytes"
)

func prefs() fyne.Preferences { return fyne.CurrentApp().Preferences() }

func (p *Pane) columnKeys() []string {
	return prefs().StringListWithFallback(columnsKey, firstColumns)
}

// toggleColumn shows or hides a column.
func (p *Pane) toggleColumn(key string) {
	keys := slices.Clone(p.columnKeys())
	if i := slices.Index(keys, key); i >= 0 {
		keys = slices.Delete(keys, i, i+1)
	} else {
		keys = append(keys, key)
	}
	p.setColumns(keys)
}

func (p *Pane) setColumns(keys []string) {
	prefs().SetStringList(columnsKey, keys)
	p.source.columns = columnsOf(keys)
	p.list.SetColumns(widgetColumns(p.source.columns))
}

func widgetColumns(columns []column) []widgets.Column {
	list := make([]widgets.Column, len(columns))
	for i, c := range columns {
		list[i] = c.Column
	}
	return list
}

func (p *Pane) clock() clock {
	c := clock(prefs().String(clockKey))
	for _, known := range clocks {
		if known.clock == c {
			return c
		}
	}
	return localTime
}

func (p *Pane) setClock(c clock) {
	prefs().SetString(clockKey, string(c))
	p.source.clock = c
	p.list.Refresh()
}

// findOnly reports whether what is typed hides nothing.
func (p *Pane) findOnly() bool { return prefs().Bool(findKey) }

func (p *Pane) setFindOnly(on bool) {
	prefs().SetBool(findKey, on)
	p.bar.findOnly = on
	p.bar.mark()
	p.rebuild()
}

// restoreFilter types the filter of the last run.
func (p *Pane) restoreFilter() {
	if i := prefs().Int(chipKey); i > 0 && i < len(chips) {
		p.chip = i
	}
	p.bar.entry.Text = prefs().String(filterKey)
	if q, err := journal.Parse(p.bar.entry.Text); err == nil {
		p.text = q
	}
	p.bar.mark()
}

// rememberFilter keeps the filter for the next run.
func (p *Pane) rememberFilter() {
	prefs().SetInt(chipKey, p.chip)
	prefs().SetString(filterKey, p.text.String())
}

// A savedFilter is a filter that a person gave a name.
type savedFilter struct{ name, text string }

// savedFilters returns them sorted by name. They are kept as "name\ttext".
func savedFilters() []savedFilter {
	var list []savedFilter
	for _, line := range prefs().StringList(filtersKey) {
		if name, text, ok := strings.Cut(line, "\t"); ok {
			list = append(list, savedFilter{name, text})
		}
	}
	return list
}

// saveFilter keeps a filter, in place of one of the same name.
func saveFilter(f savedFilter) {
	f.name = strings.TrimSpace(strings.ReplaceAll(f.name, "\t", " "))
	list := append(withoutFilter(f.name), f)
	slices.SortFunc(list, func(a, b savedFilter) int { return strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name)) })
	keepFilters(list)
}

func deleteFilter(name string) { keepFilters(withoutFilter(name)) }

func withoutFilter(name string) []savedFilter {
	return slices.DeleteFunc(savedFilters(), func(f savedFilter) bool { return f.name == name })
}

func keepFilters(list []savedFilter) {
	lines := make([]string, len(list))
	for i, f := range list {
		lines[i] = f.name + "\t" + f.text
	}
	prefs().SetStringList(filtersKey, lines)
}

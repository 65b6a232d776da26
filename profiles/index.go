package profiles

import (
	"context"
	"fmt"
	"slices"
)

// An indexPage lists some profiles.
type indexPage struct {
	Version int  `json:"v"`
	IDs     []ID `json:"ids"`
}

// A page is an index page as it was found. A page that could not be
// understood has err set and is never written.
type page struct {
	ids []ID
	err error // errNoEntry, errCorrupt or ErrNewer
}

func pageName(n int) string { return fmt.Sprintf("index.%d", n) }

func encodePage(ids []ID) string {
	if ids == nil {
		ids = []ID{}
	}
	return marshal(indexPage{listVersion, ids})
}

func decodePage(text string) ([]ID, error) {
	var p indexPage
	if err := decodeEntry(text, &p); err != nil {
		return nil, err
	}
	for _, id := range p.IDs {
		if !id.valid() {
			return nil, errCorrupt
		}
	}
	return p.IDs, nil
}

// pages reads the index. Pages are numbered without gaps; looking one page
// past the first missing one notices a page that somebody removed by hand.
func (v *vault) pages(ctx context.Context) (pages []page, err error) {
	var gap []page
	for n := 0; len(gap) < 2; n++ {
		text, err := v.get(ctx, pageName(n))
		if err == errNoEntry {
			gap = append(gap, page{err: errNoEntry})
			continue
		}
		if err != nil {
			return nil, err
		}
		ids, err := decodePage(text)
		pages = append(append(pages, gap...), page{ids, err})
		gap = nil
	}
	return pages, nil
}

func (v *vault) listed(ctx context.Context, id ID) (bool, error) {
	pages, err := v.pages(ctx)
	return slices.ContainsFunc(pages, func(p page) bool { return slices.Contains(p.ids, id) }), err
}

// enlist adds id to the first page with room. It reads the page again before
// and after writing it: another window may have done the same in between, and
// whoever finds its own change gone makes it once more.
func (v *vault) enlist(ctx context.Context, id ID) error {
	for range 5 {
		pages, err := v.pages(ctx)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(pages, func(p page) bool { return slices.Contains(p.ids, id) }) {
			return nil
		}
		n := slices.IndexFunc(pages, func(p page) bool {
			return p.err == nil && len(encodePage(append(slices.Clip(p.ids), id))) <= maxEntry || p.err == errNoEntry
		})
		var ids []ID
		if n < 0 {
			n = len(pages)
		} else {
			ids = pages[n].ids
		}
		if err := v.set(ctx, pageName(n), encodePage(append(slices.Clip(ids), id))); err != nil {
			return err
		}
	}
	return ErrBusy
}

// delist removes id from every page, and the empty pages at the end.
func (v *vault) delist(ctx context.Context, id ID) error {
	for range 5 {
		pages, err := v.pages(ctx)
		if err != nil {
			return err
		}
		changed := false
		for n, p := range pages {
			if p.err != nil || !slices.Contains(p.ids, id) {
				continue
			}
			changed = true
			left := slices.DeleteFunc(slices.Clone(p.ids), func(other ID) bool { return other == id })
			if err := v.set(ctx, pageName(n), encodePage(left)); err != nil {
				return err
			}
		}
		if !changed {
			return v.trim(ctx, pages)
		}
	}
	return ErrBusy
}

// trim removes empty pages from the end.
func (v *vault) trim(ctx context.Context, pages []page) error {
	for n := len(pages) - 1; n >= 0 && pages[n].err == nil && len(pages[n].ids) == 0; n-- {
		if err := v.erase(ctx, pageName(n)); err != nil {
			return err
		}
	}
	return nil
}

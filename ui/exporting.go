package ui

import "relayscope/profiles"

func (u *Window) exportOne(profiles.ID) {}
func (u *Window) exportAll()            {}
func (u *Window) importAny()            {}

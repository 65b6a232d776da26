package ui

import (
	"testing"

	"relayscope/profiles"
)

// BenchmarkZoom measures and lays out anew everything that there is.
func BenchmarkZoom(b *testing.B) {
	u, _ := newWindow(b, profiles.NewMemory())
	withProfiles(u, 0)
	for i := 0; b.Loop(); i++ {
		u.style.zoom = float32(1 + i%2)
		u.applyLook()
	}
}

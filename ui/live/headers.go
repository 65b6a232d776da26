package live

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

func sortedKeys(h http.Header) []string { return slices.Sorted(maps.Keys(h)) }

// confidential reports whether a header usually carries a credential, which
// does not belong in a log. The relay takes its own token out before.
func confidential(name string) bool {
	switch strings.ToLower(name) {
	case "authorization", "proxy-authorization", "cookie", "servicebusauthorization", "x-ms-client-principal":
		return true
	}
	return false
}

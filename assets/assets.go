// Package assets holds the files that are built into the program.
package assets

import _ "embed"

// Icon is the program's icon, a 512 by 512 pixel PNG.
//
//go:embed icon.png
var Icon []byte

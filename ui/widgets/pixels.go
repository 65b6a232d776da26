package widgets

import (
	"encoding/binary"
	"image"
	"image/color"
	"math"
)

// fill paints r of dst, which must be opaque there, with an opaque colour.
func fill(dst *image.RGBA, r image.Rectangle, c color.RGBA) {
	r = r.Intersect(dst.Rect)
	if r.Empty() {
		return
	}
	first := dst.Pix[dst.PixOffset(r.Min.X, r.Min.Y):][:4*r.Dx()]
	first[0], first[1], first[2], first[3] = c.R, c.G, c.B, 255
	for done := 4; done < len(first); done *= 2 {
		copy(first[done:], first[:done])
	}
	for y := r.Min.Y + 1; y < r.Max.Y; y++ {
		copy(dst.Pix[dst.PixOffset(r.Min.X, y):], first)
	}
}

// stroke paints a frame of the given width inside r.
func stroke(dst *image.RGBA, r image.Rectangle, width int, c color.RGBA) {
	fill(dst, image.Rect(r.Min.X, r.Min.Y, r.Max.X, r.Min.Y+width), c)
	fill(dst, image.Rect(r.Min.X, r.Max.Y-width, r.Max.X, r.Max.Y), c)
	fill(dst, image.Rect(r.Min.X, r.Min.Y, r.Min.X+width, r.Max.Y), c)
	fill(dst, image.Rect(r.Max.X-width, r.Min.Y, r.Max.X, r.Max.Y), c)
}

// blend mixes c into one pixel of an opaque picture.
func blend(pix []uint8, c color.RGBA, alpha uint32) {
	inv := 255 - alpha
	pix[0] = uint8((uint32(c.R)*alpha + uint32(pix[0])*inv + 127) / 255)
	pix[1] = uint8((uint32(c.G)*alpha + uint32(pix[1])*inv + 127) / 255)
	pix[2] = uint8((uint32(c.B)*alpha + uint32(pix[2])*inv + 127) / 255)
}

// stamp paints c through a glyph's mask, inside clip. Most of the time of a
// picture goes here, so glyphs come as a list of the pixels they touch.
func stamp(dst *image.RGBA, clip image.Rectangle, g *glyph, at image.Point, c color.RGBA) {
	target := g.at.Add(at)
	inside := target.In(clip)
	if len(g.dots) == 0 || !inside && !target.Overlaps(clip) {
		return
	}
	redBlue, green := uint32(c.R)|uint32(c.B)<<16, uint32(c.G)<<8
	base := (target.Min.Y-dst.Rect.Min.Y)*dst.Stride + (target.Min.X-dst.Rect.Min.X)*4
	for n, d := range g.dots {
		if g.tints != nil {
			tint := g.tints[n]
			redBlue, green = uint32(tint.R)|uint32(tint.B)<<16, uint32(tint.G)<<8
		}
		if !inside && !image.Pt(target.Min.X+int(d.x), target.Min.Y+int(d.y)).In(clip) {
			continue
		}
		i := base + int(d.y)*dst.Stride + int(d.x)*4
		pix := dst.Pix[i : i+4 : i+4]
		// Two channels at a time: they are sixteen bits apart, and a product
		// with at most 256 stays below the next one.
		old, cover := binary.LittleEndian.Uint32(pix), uint32(d.cover)
		rb := ((old&0xff00ff)*(256-cover) + redBlue*cover) >> 8 & 0xff00ff
		gr := ((old&0x00ff00)*(256-cover) + green*cover) >> 8 & 0x00ff00
		binary.LittleEndian.PutUint32(pix, rb|gr|0xff000000)
	}
}

// paintShape paints c where inside is positive. inside returns how far a
// point lies inside the shape, in pixels, from r's top left corner; edges are
// smooth. The picture below must be opaque.
func paintShape(dst *image.RGBA, r image.Rectangle, c color.RGBA, inside func(x, y float64) float64) {
	for y := max(r.Min.Y, dst.Rect.Min.Y); y < min(r.Max.Y, dst.Rect.Max.Y); y++ {
		for x := max(r.Min.X, dst.Rect.Min.X); x < min(r.Max.X, dst.Rect.Max.X); x++ {
			cover := inside(float64(x-r.Min.X)+0.5, float64(y-r.Min.Y)+0.5) + 0.5
			if cover > 0 {
				blend(dst.Pix[dst.PixOffset(x, y):], c, uint32(255*min(1, cover)+0.5))
			}
		}
	}
}

// fillRound paints r with half circles at its short ends.
func fillRound(dst *image.RGBA, r image.Rectangle, c color.RGBA) {
	w, h := float64(r.Dx()), float64(r.Dy())
	radius := min(w, h) / 2
	paintShape(dst, r, c, func(x, y float64) float64 {
		dx := x - min(max(x, radius), w-radius)
		dy := y - min(max(y, radius), h-radius)
		return radius - math.Hypot(dx, dy)
	})
}

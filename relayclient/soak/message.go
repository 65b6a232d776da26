package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"sync"

	"relayscope/relayclient"
)

// A message begins with 32 hexadecimal digits: sender, connection, number and
// checksum, eight each. The checksum covers all the rest.
const (
	digits     = 8
	headLength = 4 * digits
)

// largest is the size of the largest message or body, in bytes.
const largest = 512 << 10

// blocks has the bytes that messages are cut from: making new ones for each
// would be most of the work.
var blocks = sync.OnceValue(func() (b struct{ text, binary []byte }) {
	rng := rand.New(rand.NewPCG(1, 2))
	b.binary = make([]byte, 2*largest)
	b.text = make([]byte, 2*largest)
	for i := range b.binary {
		n := rng.Uint32()
		b.binary[i], b.text[i] = byte(n), ' '+byte(n>>8)%95
	}
	return b
})

// slice returns size bytes from somewhere in the blocks. They must not be
// modified.
func slice(rng *rand.Rand, binary bool, size int) []byte {
	block := blocks().text
	if binary {
		block = blocks().binary
	}
	at := rng.IntN(len(block) - size)
	return block[at : at+size]
}

// sizeOf picks a size: mostly small, sometimes around the limits that the
// protocol and its implementations have, sometimes large.
func sizeOf(rng *rand.Rand) int {
	switch n := rng.IntN(100); {
	case n < 70:
		return rng.IntN(2 << 10)
	case n < 88:
		return 32<<10 + rng.IntN(16<<10)
	case n < 97:
		return 64<<10 - 40 + rng.IntN(80)
	}
	return 64<<10 + rng.IntN(largest-64<<10)
}

// compose makes message number n of a connection.
func compose(rng *rand.Rand, sender, connection, n uint32, size int) relayclient.Message {
	m := relayclient.Message{Binary: rng.IntN(2) == 0}
	m.Data = make([]byte, headLength, headLength+size)
	for i, field := range []uint32{sender, connection, n} {
		put(m.Data[i*digits:], field)
	}
	m.Data = append(m.Data, slice(rng, m.Binary, size)...)
	put(m.Data[3*digits:], sum(m.Data))
	return m
}

func put(to []byte, n uint32) {
	hex.Encode(to, []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

func sum(data []byte) uint32 {
	return crc32.Update(crc32.ChecksumIEEE(data[:3*digits]), crc32.IEEETable, data[headLength:])
}

// A label is what a message says of itself.
type label struct{ sender, connection, number uint32 }

var errDamaged = errors.New("the message is damaged")

// readLabel checks a message and returns its label.
func readLabel(m relayclient.Message) (label, error) {
	if len(m.Data) < headLength {
		return label{}, fmt.Errorf("%w: it has %d bytes", errDamaged, len(m.Data))
	}
	var fields [4]uint32
	for i := range fields {
		var b [4]byte
		if _, err := hex.Decode(b[:], m.Data[i*digits:(i+1)*digits]); err != nil {
			return label{}, fmt.Errorf("%w: it begins with %q", errDamaged, m.Data[:headLength])
		}
		fields[i] = uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	}
	l := label{fields[0], fields[1], fields[2]}
	if fields[3] != sum(m.Data) {
		return l, fmt.Errorf("%w: the checksum of %d bytes is wrong", errDamaged, len(m.Data))
	}
	return l, nil
}

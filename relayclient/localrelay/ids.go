package localrelay

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// trackingUUID returns the UUID that a client offered as its id, without any
// "_G…" the service once put behind it, or a new one.
func trackingUUID(offered string) string {
	id, _, _ := strings.Cut(offered, "_")
	if isUUID(id) {
		return id
	}
	return newUUID()
}

// trackingID returns the id of a handshake: the UUID and the one gateway node
// that a local relay has.
func trackingID(uuid string) string { return uuid + "_G0" }

// rendezvousID returns the id that admits one listener to one rendezvous. The
// sender may have chosen the UUID, told it to others or used it before, so it
// proves nothing. What does is the number behind it, which only this relay
// and the invited listener know; it stands where the service has the number
// of the listener's gateway node.
func rendezvousID(tracking string) string {
	var b [8]byte
	rand.Read(b[:])
	return tracking + "_G" + strconv.FormatUint(binary.BigEndian.Uint64(b[:]), 10)
}

func newUUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range []byte(s) {
		switch hyphen := i == 8 || i == 13 || i == 18 || i == 23; {
		case hyphen != (c == '-'):
			return false
		case !hyphen && !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)):
			return false
		}
	}
	return true
}

package gather

import (
	"net"
	"sync"
)

// aheadSize is how much is read ahead at most: what a TLS record holds, and so
// a dozen small ones.
const aheadSize = 16 << 10

var aheads = sync.Pool{New: func() any { return new([aheadSize]byte) }}

// An ahead is a connection that reads more than it is asked for while more
// keeps coming.
type ahead struct {
	net.Conn
	busy bool             // the last read filled all the room it had
	buf  *[aheadSize]byte // nil while nothing is left of it
	rest []byte           // of buf
	err  error            // that came with it
}

// ReadAhead returns conn with its reads gathered. TLS reads record by record,
// each of which costs a system call or two; small messages in a row then come
// with one for many. A connection that is idle has no buffer. One goroutine at
// a time may read.
func ReadAhead(conn net.Conn) net.Conn { return &ahead{Conn: conn} }

// Read reads into p what was read ahead, or else what comes next.
func (c *ahead) Read(p []byte) (int, error) {
	if c.buf == nil {
		if err := c.err; err != nil {
			c.err = nil
			return 0, err
		}
		if !c.busy || len(p) >= aheadSize {
			n, err := c.Conn.Read(p)
			c.busy = n == len(p)
			return n, err
		}
		buf := aheads.Get().(*[aheadSize]byte)
		n, err := c.Conn.Read(buf[:])
		c.busy = n == len(buf)
		if n == 0 {
			aheads.Put(buf)
			return 0, err
		}
		c.buf, c.rest, c.err = buf, buf[:n], err
	}
	n := copy(p, c.rest)
	if c.rest = c.rest[n:]; len(c.rest) == 0 {
		aheads.Put(c.buf)
		c.buf = nil
	}
	return n, nil
}

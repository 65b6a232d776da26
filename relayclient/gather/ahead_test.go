package gather_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"testing/iotest"

	"relayscope/relayclient/gather"
)

// A readingConn is a connection that reads from a Reader and counts.
type readingConn struct {
	net.Conn
	r     io.Reader
	reads int
}

func (c *readingConn) Read(p []byte) (int, error) {
	c.reads++
	return c.r.Read(p)
}

func TestReadAheadKeepsEveryByte(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	sent := make([]byte, 1<<20)
	for i := range sent {
		sent[i] = byte(random.Uint32())
	}
	for name, r := range map[string]io.Reader{
		"all at once":       bytes.NewReader(sent),
		"a byte at a time":  iotest.OneByteReader(bytes.NewReader(sent)),
		"half of it":        iotest.HalfReader(bytes.NewReader(sent)),
		"end with the last": iotest.DataErrReader(bytes.NewReader(sent)),
	} {
		t.Run(name, func(t *testing.T) {
			conn := gather.ReadAhead(&readingConn{r: r})
			var got []byte
			for {
				p := make([]byte, 1+random.IntN(3000)+random.IntN(2)*(32<<10))
				n, err := conn.Read(p)
				got = append(got, p[:n]...)
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(got, sent) {
				t.Errorf("got %d bytes, want the %d sent", len(got), len(sent))
			}
		})
	}
}

func TestReadAheadReadsManyAtOnce(t *testing.T) {
	below := &readingConn{r: bytes.NewReader(make([]byte, 1<<20))}
	if n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{gather.ReadAhead(below)}, make([]byte, 1<<10)); n != 1<<20 || err != nil {
		t.Fatal(n, err)
	}
	if most := 1 << 20 / (16 << 10) * 2; below.reads > most {
		t.Errorf("%d reads for 1 MiB in pieces of 1 KiB, want at most %d", below.reads, most)
	}
}

// What came before a failure is read before the failure is told.
func TestReadAheadTellsFailuresLast(t *testing.T) {
	broken := errors.New("broken")
	r := io.MultiReader(bytes.NewReader(make([]byte, 10)), bytes.NewReader(make([]byte, 30)), iotest.ErrReader(broken))
	conn := gather.ReadAhead(&readingConn{r: r})
	got := 0
	for p := make([]byte, 10); ; {
		n, err := conn.Read(p)
		got += n
		if err != nil {
			if err != broken || got != 40 {
				t.Errorf("%v after %d bytes, want %v after 40", err, got, broken)
			}
			return
		}
	}
}

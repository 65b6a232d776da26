package relayclient

import (
	"bytes"
	"io"
	"sync"
)

// A Message is one WebSocket message.
type Message struct {
	Binary bool // else text, which is UTF-8
	Data   []byte
}

// MaxMessage is the largest message that Read takes, in bytes. The service
// itself has shown no limit up to 32 MiB.
const MaxMessage = 64 << 20

// scratch holds buffers for messages of the size that clients write: nobody
// knows how long a message is before its end.
var scratch = sync.Pool{New: func() any { return new([maxNetWrite + 1]byte) }}

// readAll reads to the end into a slice that has hardly any room to spare,
// because a log may keep it for long.
func readAll(r io.Reader) ([]byte, error) {
	buf := scratch.Get().(*[maxNetWrite + 1]byte)
	defer scratch.Put(buf)
	n := 0
	for n < len(buf) {
		k, err := r.Read(buf[n:])
		n += k
		if err == io.EOF {
			return bytes.Clone(buf[:n]), nil
		}
		if err != nil {
			return nil, err
		}
	}
	data := bytes.NewBuffer(make([]byte, 0, 4*len(buf)))
	data.Write(buf[:])
	if _, err := data.ReadFrom(io.LimitReader(r, int64(MaxMessage+1-n))); err != nil {
		return nil, err
	}
	if data.Len() > MaxMessage {
		return nil, ErrTooLarge
	}
	if spare := data.Cap() - data.Len(); spare > data.Len()/4 {
		return bytes.Clone(data.Bytes()), nil
	}
	return data.Bytes(), nil
}

// aliveReader counts every byte that arrives as a sign of life, so that a
// message may take longer than the keep-alive allows for silence.
type aliveReader struct {
	r     io.Reader
	alive func()
}

func (r *aliveReader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if n > 0 {
		r.alive()
	}
	return n, err
}

package journal

import (
	"bytes"
	"encoding/json"
	"hash/maphash"
)

// Rows are paired when it is certain that one answers the other:
//
//   - a request and the response of the same HTTP exchange
//   - on one connection, a message and the same message the other way: an echo
//   - on one connection, JSON objects with the same nonce, requestId or
//     correlationId, or a JSON-RPC call and its result or error by their id
//
// Of several messages alike that wait at the same time none is paired, as
// nobody can tell which of them an answer is to.

// maxWaiting is how many rows may wait for an answer. The oldest are given up.
const maxWaiting = 32 << 10

// maxIdentified is the largest message, in bytes, that is searched for an ID.
const maxIdentified = 64 << 10

var seed = maphash.MakeSeed()

// A thread is what a row and its answer have in common.
type thread struct {
	lane       Lane
	direction  Direction // of the one that waits
	connection string    // or the ID of an exchange
	by         byte      // what the hash is of
	hash       uint64
}

// What ties a row and its answer.
const (
	byExchange = iota
	byPayload
	byID
)

// A waiter is a row that waits for an answer.
type waiter struct {
	number  uint64
	threads []thread
	alike   int  // how many others wait for the same answer, or did
	open    int  // how many of all are not answered
	gone    bool // answered or given up
}

// pairing remembers the rows that wait.
type pairing struct {
	waiting map[thread]*waiter
	queue   []*waiter // in the order in which they came
}

// A knot is what a row has in common with its answer, and with what it
// answers: the same but for a row that can be only one of both.
type knot struct{ asks, answers []thread }

// knot is called without the lock, as hashing takes time.
func (r *Row) knot() knot {
	if f := r.Facts; f != nil && f.Exchange != "" {
		t := []thread{{lane: r.Lane, connection: f.Exchange, by: byExchange}}
		if r.Type == "request" {
			return knot{asks: t}
		}
		return knot{answers: t}
	}
	if r.http() || r.Kind != Data || r.Direction == None || r.Connection == "" || len(r.Payload) == 0 || r.Truncated {
		return knot{}
	}
	var hash maphash.Hash
	hash.SetSeed(seed)
	hash.WriteString(r.Type)
	hash.Write(r.Payload)
	echo := thread{lane: r.Lane, direction: r.Direction, connection: r.Connection, by: byPayload, hash: hash.Sum64()}
	k := knot{asks: []thread{echo}}
	id, asks, answers := identity(r.Payload)
	common := echo
	common.by, common.hash = byID, maphash.String(seed, id)
	if asks {
		k.asks = append(k.asks, common)
	}
	k.answers = []thread{echo}
	if answers {
		k.answers = append(k.answers, common)
	}
	for i := range k.answers {
		k.answers[i].direction = In + Out - r.Direction
	}
	return k
}

// identity returns what ties a JSON object to another, and whether it can be
// the one that asks or the one that answers.
func identity(payload []byte) (id string, asks, answers bool) {
	if payload[0] != '{' || len(payload) > maxIdentified || !bytes.Contains(payload, []byte(`d":`)) && !bytes.Contains(payload, []byte(`"nonce"`)) {
		return "", false, false
	}
	var object struct {
		ID            json.RawMessage `json:"id"`
		Method        json.RawMessage `json:"method"`
		Result        json.RawMessage `json:"result"`
		Error         json.RawMessage `json:"error"`
		Nonce         json.RawMessage `json:"nonce"`
		RequestID     json.RawMessage `json:"requestId"`
		CorrelationID json.RawMessage `json:"correlationId"`
	}
	if json.Unmarshal(payload, &object) != nil {
		return "", false, false
	}
	set := func(value json.RawMessage) bool { return len(value) > 0 && string(value) != "null" }
	switch {
	case set(object.Nonce):
		return "nonce" + string(object.Nonce), true, true
	case set(object.RequestID):
		return "request" + string(object.RequestID), true, true
	case set(object.CorrelationID):
		return "correlation" + string(object.CorrelationID), true, true
	case set(object.ID) && object.Method != nil:
		return "id" + string(object.ID), true, false
	case set(object.ID) && (object.Result != nil || object.Error != nil):
		return "id" + string(object.ID), false, true
	}
	return "", false, false
}

// pair ties r, which is about to be appended, to the row that it answers, or
// has it wait for an answer. The caller holds the lock.
func (j *Journal) pair(r *Row, k knot) {
	for _, t := range k.answers {
		w := j.pairing.waiting[t]
		if w == nil {
			continue
		}
		if w.open--; w.open == 0 {
			j.pairing.remove(w)
		}
		if w.alike == 0 && w.number >= j.first {
			j.tie(j.slot(w.number), r, t.by)
		}
		return
	}
	if len(k.asks) > 0 {
		j.pairing.add(r.Number, k.asks)
	}
}

// tie notes on both rows that one answers the other.
func (j *Journal) tie(request, reply *Row, by byte) {
	if by == byPayload && !bytes.Equal(request.Payload, reply.Payload) {
		return // two payloads with one hash
	}
	request.Pair, reply.Pair = reply.Number, request.Number
	if took := reply.Time.Sub(request.Time); reply.Latency == 0 && took > 0 {
		reply.Latency = took
	}
	if by == byExchange && reply.Facts.Method == "" && request.Facts != nil {
		facts := *reply.Facts
		facts.Method, facts.Path = request.Facts.Method, request.Facts.Path
		reply.Facts = &facts
	}
}

func (p *pairing) add(number uint64, threads []thread) {
	if p.waiting == nil {
		p.waiting = map[thread]*waiter{}
	}
	if w := p.waiting[threads[0]]; w != nil {
		w.alike++
		w.open++
		return
	}
	w := &waiter{number: number, threads: threads, open: 1}
	for _, t := range threads {
		if other := p.waiting[t]; other != nil {
			other.alike++ // a different message with the same ID
			w.alike++
		}
		p.waiting[t] = w
	}
	p.queue = append(p.queue, w)
	for len(p.queue) > maxWaiting || len(p.queue) > 0 && p.queue[0].gone {
		p.remove(p.queue[0])
		p.queue = p.queue[1:]
	}
}

func (p *pairing) remove(w *waiter) {
	for _, t := range w.threads {
		if p.waiting[t] == w {
			delete(p.waiting, t)
		}
	}
	w.gone = true
}

package reconcile

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"

	"wxhub/model"
)

// What a number in the table is about: the same number may be that of several.
const (
	ofPayment  = 'p'
	ofRefund   = 'r'
	ofReversal = 'v'
)

// key is the hash of a number and of what it is about. 128 bits: nobody makes two numbers meet.
type key struct{ hi, lo uint64 }

func keyOf(about byte, number string) key {
	sum := sha256.Sum256(append(append(make([]byte, 0, 80), about), number...))
	return key{binary.BigEndian.Uint64(sum[:]), binary.BigEndian.Uint64(sum[8:])}
}

// toLookAt is the print of a row that is compared field by field in any case.
const toLookAt = 0

// printOf is what must agree beside the number, in 64 bits.
func printOf(amount model.Fen, upstream, subMerchantID string) uint64 {
	text := strconv.AppendInt(make([]byte, 0, 120), int64(amount), 10)
	text = append(append(append(append(text, 0), upstream...), 0), subMerchantID...)
	sum := sha256.Sum256(text)
	return max(binary.BigEndian.Uint64(sum[:]), toLookAt+1)
}

// The marks of an entry.
const (
	seen     uint8 = 1 << iota // the books have it
	settled                    // and agree
	repeated                   // the bill has it again
	judged                     // what is to be said of it was said
)

// entry is one row of the bill, in 32 bytes.
type entry struct {
	key
	print uint64
	marks uint8
}

// table holds a whole bill, in shards so that it grows without being copied as a whole.
type table struct{ shards [256][]entry }

func (t *table) shard(k key) *[]entry { return &t.shards[k.hi>>56] }

func (t *table) add(k key, print uint64) {
	s := t.shard(k)
	*s = append(*s, entry{key: k, print: print})
}

// seal sorts, after which the table can be searched, and marks what is there several times.
func (t *table) seal() {
	for _, s := range t.shards {
		slices.SortFunc(s, func(a, b entry) int { return compareKeys(a.key, b.key) })
		for i := 1; i < len(s); i++ {
			if s[i].key == s[i-1].key {
				s[i-1].marks |= repeated
				s[i].marks |= repeated
			}
		}
	}
}

func compareKeys(a, b key) int {
	return cmp.Or(cmp.Compare(a.hi, b.hi), cmp.Compare(a.lo, b.lo))
}

// find returns the first entry of a key, nil when there is none, and how many there are.
func (t *table) find(k key) (first *entry, n int) {
	s := *t.shard(k)
	at, found := slices.BinarySearchFunc(s, k, func(e entry, k key) int { return compareKeys(e.key, k) })
	if !found {
		return nil, 0
	}
	for n = 1; at+n < len(s) && s[at+n].key == k; n++ {
	}
	return &s[at], n
}

// unsettled reports whether there is a row that must be looked at.
func (t *table) unsettled() bool {
	return slices.ContainsFunc(t.shards[:], func(s []entry) bool {
		return slices.ContainsFunc(s, func(e entry) bool { return e.marks&settled == 0 || e.marks&repeated != 0 })
	})
}

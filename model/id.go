package model

import (
	"io"
	"time"

	"github.com/oklog/ulid/v2"
)

// IDs makes identifiers: a ULID (48 bits of time, 80 bits of randomness), so they
// sort by time and cannot be guessed. Entropy must be crypto/rand in production.
type IDs struct {
	Now     func() time.Time
	Entropy io.Reader
}

// New returns a fresh 26-character id.
func (g IDs) New() (string, error) {
	id, err := ulid.New(ulid.Timestamp(g.Now()), g.Entropy)
	if err != nil {
		return "", err
	}
	return id.String(), nil
}

// ValidID reports whether s has the shape of an id made by IDs. One spelling only: ids
// are compared and sorted as text.
func ValidID(s string) bool {
	id, err := ulid.ParseStrict(s)
	return err == nil && id.String() == s
}

// TimeOfID returns the time inside an id made by IDs.
func TimeOfID(id string) (time.Time, error) {
	parsed, err := ulid.ParseStrict(id)
	if err != nil {
		return time.Time{}, err
	}
	return Instant(ulid.Time(parsed.Time())), nil
}

// Instant cuts a time to what every store keeps: UTC, milliseconds.
func Instant(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Millisecond)
}

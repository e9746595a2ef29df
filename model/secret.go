package model

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
)

// Secret is a string that must not be shown: whatever prints, logs or marshals
// it gets a placeholder. Only Reveal gives the value away, so every use can be
// found by searching for that one word.
type Secret string

const redacted = "[redacted]"

// Reveal returns the secret itself, for the one call that needs it.
func (s Secret) Reveal() string { return string(s) }

// IsZero reports whether no secret is set.
func (s Secret) IsZero() bool { return s == "" }

// Equal compares in constant time.
func (s Secret) Equal(other string) bool {
	return subtle.ConstantTimeCompare([]byte(s), []byte(other)) == 1
}

// String, GoString, Format, LogValue, MarshalJSON and MarshalText all hide the value.
func (s Secret) String() string { return redacted }

// GoString hides the value from %#v.
func (s Secret) GoString() string { return redacted }

// Format hides the value from every verb, %x and %q included.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// LogValue hides the value from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText hides the value from every encoder that honours it (JSON, YAML, XML).
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

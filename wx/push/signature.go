package push

import (
	"crypto/sha1"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"wxhub/wx"
)

// The shapes of what is signed.
var (
	signatureShape = regexp.MustCompile(`^[0-9a-f]{40}$`)
	timestampShape = regexp.MustCompile(`^[1-9][0-9]{0,10}$`)
	nonceShape     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)
)

// signed is what every signature of a request covers beside the token.
type signed struct{ timestamp, nonce string }

// single returns a parameter that is there once and has the right shape.
func single(query url.Values, name string, shape *regexp.Regexp) (string, bool) {
	values := query[name]
	if len(values) != 1 || !shape.MatchString(values[0]) {
		return "", false
	}
	return values[0], true
}

// exchanged reports whether timestamp and nonce have changed places. What WeChat signs are
// the sorted values run together, which does not say which of them is the time: an old
// request whose nonce looks like a time to come can be sent again at that time. Then the
// nonce is close to when the message was made, and the timestamp is not.
func (s signed) exchanged(created int64) bool {
	const day = 24 * 60 * 60
	near := func(value string) bool {
		seconds, err := strconv.ParseInt(value, 10, 64)
		return err == nil && seconds >= created-day && seconds <= created+day
	}
	return near(s.nonce) && !near(s.timestamp)
}

// verify checks the signature that every request has, then its age. WeChat's documentation
// would have safe mode look at msg_signature alone. But WeChat signs the sorted values run
// together, so a character that leaves the ciphertext and joins the nonce is not noticed
// there; here it is.
func (a app) verify(query url.Values) (signed, error) {
	timestamp, ok1 := single(query, "timestamp", timestampShape)
	nonce, ok2 := single(query, "nonce", nonceShape)
	signature, ok3 := single(query, "signature", signatureShape)
	if !ok1 || !ok2 || !ok3 {
		return signed{}, forged("signature, timestamp or nonce is missing, there twice or of a wrong shape")
	}
	if !same(signature, sign(a.token.Reveal(), timestamp, nonce)) {
		return signed{}, forged("the signature is not of this token")
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || a.farFrom(seconds, Window) {
		return signed{}, wx.ErrPushStale
	}
	return signed{timestamp, nonce}, nil
}

// verifyMessage checks the signature that covers the encrypted part.
func (a app) verifyMessage(s signed, query url.Values, ciphertext string) error {
	signature, ok := single(query, "msg_signature", signatureShape)
	if !ok {
		return forged("msg_signature is missing, there twice or of a wrong shape")
	}
	if !same(signature, sign(a.token.Reveal(), s.timestamp, s.nonce, ciphertext)) {
		return forged("the msg_signature is not of this token and message")
	}
	return nil
}

// saysEncrypted reads encrypt_type: "aes", or "raw" or nothing for a plain body.
func saysEncrypted(query url.Values) (bool, error) {
	switch values := query["encrypt_type"]; {
	case len(values) == 0:
		return false, nil
	case len(values) == 1 && values[0] == "raw":
		return false, nil
	case len(values) == 1 && values[0] == "aes":
		return true, nil
	}
	return false, malformed("an encrypt_type that is not known, or two")
}

func (a app) farFrom(seconds int64, most time.Duration) bool {
	return a.now().Sub(time.Unix(seconds, 0)).Abs() > most
}

// sign is WeChat's signature: SHA-1 over the sorted values.
func sign(values ...string) string {
	slices.Sort(values)
	sum := sha1.Sum([]byte(strings.Join(values, "")))
	return hex.EncodeToString(sum[:])
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func forged(why string) error    { return wx.ErrPushForged.Because(errors.New(why)) }
func malformed(why string) error { return wx.ErrPushMalformed.Because(errors.New(why)) }

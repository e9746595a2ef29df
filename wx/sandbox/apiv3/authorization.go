package apiv3

import (
	"errors"
	"strings"
)

// Scheme is the only authorization type and signature type that the platform and its merchants use here.
const Scheme = "WECHATPAY2-SHA256-RSA2048"

// Errors of ParseAuthorization. The platform words them differently, so they are told apart.
var (
	ErrMalformed = errors.New("apiv3: authorization header malformed")
	ErrScheme    = errors.New("apiv3: authorization scheme is not " + Scheme)
)

// Authorization is the parsed request header of the same name.
type Authorization struct {
	MchID     string // the merchant whose key signed
	Nonce     string // nonce_str
	Timestamp string // unix seconds, kept as sent because it is signed as sent
	SerialNo  string // serial of the merchant's API certificate
	Signature string // base64
}

// ParseAuthorization reads the header. The five items may stand in any order; each must be there exactly once
// and not be empty. It returns ErrScheme or ErrMalformed.
func ParseAuthorization(header string) (Authorization, error) {
	scheme, items, found := strings.Cut(strings.TrimSpace(header), " ")
	if !found {
		return Authorization{}, ErrMalformed
	}
	if scheme != Scheme {
		return Authorization{}, ErrScheme
	}
	var a Authorization
	for _, item := range strings.Split(items, ",") {
		if err := a.set(strings.TrimSpace(item)); err != nil {
			return Authorization{}, err
		}
	}
	if a.MchID == "" || a.Nonce == "" || a.Timestamp == "" || a.SerialNo == "" || a.Signature == "" {
		return Authorization{}, ErrMalformed
	}
	return a, nil
}

// set stores one `key="value"` item and refuses unknown and repeated keys.
func (a *Authorization) set(item string) error {
	key, quoted, found := strings.Cut(item, "=")
	if !found || len(quoted) < 2 || quoted[0] != '"' || quoted[len(quoted)-1] != '"' {
		return ErrMalformed
	}
	field := a.field(key)
	if field == nil || *field != "" {
		return ErrMalformed
	}
	*field = quoted[1 : len(quoted)-1]
	return nil
}

func (a *Authorization) field(key string) *string {
	switch key {
	case "mchid":
		return &a.MchID
	case "nonce_str":
		return &a.Nonce
	case "timestamp":
		return &a.Timestamp
	case "serial_no":
		return &a.SerialNo
	case "signature":
		return &a.Signature
	}
	return nil
}

package sandbox

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"time"

	"wxhub/wx/sandbox/apiv3"
)

// staleBy is how old a correctly signed old_timestamp is: just beyond the 5 minutes that a client may accept.
const staleBy = 6 * time.Minute

// signed makes the signature headers of an answer or a notification, spoiled as the fault says. wanted is the
// Wechatpay-Serial of the request, empty for a notification. The body that comes back is the one to send. Timestamps
// are of the wall clock, because the client compares them with its own.
func (p *Platform) signed(m *merchant, wanted string, body []byte, fault string) (http.Header, []byte) {
	if fault == faultUnsigned {
		return http.Header{}, body
	}
	at := p.clock.wall()
	if fault == faultOldTimestamp {
		at = at.Add(-staleBy)
	}
	timestamp, nonce := strconv.FormatInt(at.Unix(), 10), p.ids.text(alnum, 32)
	serial, key := p.verification.signer(m, wanted)
	message := apiv3.ResponseMessage(timestamp, nonce, body)
	if fault == faultBadSignature {
		message = apiv3.ResponseMessage(timestamp, p.ids.text(alnum, 32), body)
	}
	// Signing fails only for keys that are too short for SHA-256; those are refused at the start.
	signature, _ := apiv3.Sign(key, message)
	switch fault {
	case faultSigntest:
		signature = "WECHATPAY/SIGNTEST/" + signature
	case faultWrongSerial:
		serial = p.wrongSerial(serial)
	case faultTampered:
		body = tampered(body)
	}
	return signatureHeaders(timestamp, nonce, serial, signature), body
}

// wrongSerial is an unknown one of the same kind.
func (p *Platform) wrongSerial(right string) string {
	if strings.HasPrefix(right, publicKeyPrefix) {
		return publicKeyPrefix + p.ids.text(digits, 34)
	}
	return p.ids.text(hexUpper, 40)
}

// tampered changes the last digit of the body: still JSON, no longer what was signed.
func tampered(body []byte) []byte {
	out := bytes.Clone(body)
	if i := bytes.LastIndexAny(out, digits); i >= 0 {
		out[i] = '0' + (out[i]-'0'+1)%10
	}
	return out
}

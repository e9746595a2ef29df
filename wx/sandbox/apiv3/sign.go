package apiv3

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
)

// ErrSignature says that a signature does not belong to the message and key.
var ErrSignature = errors.New("apiv3: signature does not match")

// RequestMessage is what a merchant signs: five lines, each ended by a newline. uri is the path with its query
// exactly as sent.
func RequestMessage(method, uri, timestamp, nonce string, body []byte) string {
	return lines(method, uri, timestamp, nonce, string(body))
}

// ResponseMessage is what the platform signs in answers and notifications: three lines.
func ResponseMessage(timestamp, nonce string, body []byte) string {
	return lines(timestamp, nonce, string(body))
}

// InvokeMessage is what a merchant signs for the phone: paySign of JSAPI and mini-program payments. pkg is
// `prepay_id=…` as handed to the phone.
func InvokeMessage(appID, timestamp, nonce, pkg string) string {
	return lines(appID, timestamp, nonce, pkg)
}

func lines(parts ...string) string { return strings.Join(parts, "\n") + "\n" }

// Sign returns the base64 RSA PKCS#1 v1.5 signature over the SHA-256 of message.
func Sign(key *rsa.PrivateKey, message string) (string, error) {
	sum := sha256.Sum256([]byte(message))
	// No random source: PKCS#1 v1.5 is deterministic, and the blinding does not need ours.
	raw, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(raw), nil
}

// Verify checks a base64 signature. Anything that does not verify, malformed base64 included, is ErrSignature.
func Verify(key *rsa.PublicKey, message, signature string) error {
	raw, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return ErrSignature
	}
	sum := sha256.Sum256([]byte(message))
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], raw) != nil {
		return ErrSignature
	}
	return nil
}

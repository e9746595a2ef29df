package wxcrypt

import (
	"bytes"
	"crypto/aes"
	"encoding/base64"
	"encoding/binary"
	"errors"
)

// ErrAESKey: an EncodingAESKey has 43 letters and digits.
var ErrAESKey = errors.New("an EncodingAESKey is 43 letters and digits, the base64 of 32 bytes without its =")

const (
	messageBlock  = 32 // of the padding; AES itself has 16
	messageRandom = 16
	messageHeader = messageRandom + 4
)

// Key decodes an EncodingAESKey. The spare bits of its last character are not looked at, as on the platform.
func Key(encodingAESKey string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(encodingAESKey + "=")
	if err != nil || len(encodingAESKey) != 43 {
		return nil, ErrAESKey
	}
	return key, nil
}

// SealMessage makes the Encrypt text: 16 random bytes, the length, the message and the app's id.
func SealMessage(key, random, message []byte, appID string) (string, error) {
	if len(key) != 32 || len(random) != messageRandom {
		return "", ErrAESKey
	}
	plain := binary.BigEndian.AppendUint32(bytes.Clone(random), uint32(len(message)))
	plain = append(append(plain, message...), appID...)
	sealed, err := seal(key, key[:aes.BlockSize], plain, messageBlock)
	return base64.StdEncoding.EncodeToString(sealed), err
}

// OpenMessage is the reverse. The caller compares the app's id. It returns ErrCipher.
func OpenMessage(key []byte, encrypt string) (message []byte, appID string, err error) {
	sealed, err := base64.StdEncoding.DecodeString(encrypt)
	if err != nil || len(key) != 32 {
		return nil, "", ErrCipher
	}
	plain, err := open(key, key[:aes.BlockSize], sealed, messageBlock)
	if err != nil || len(plain) < messageHeader {
		return nil, "", ErrCipher
	}
	rest := plain[messageHeader:]
	n := binary.BigEndian.Uint32(plain[messageRandom:messageHeader])
	if uint64(n) > uint64(len(rest)) {
		return nil, "", ErrCipher
	}
	return rest[:n], string(rest[n:]), nil
}

package wxcrypt

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
)

// ErrCipher: the ciphertext was not made with this key, or is damaged. It does not tell which, on purpose.
var ErrCipher = errors.New("wxcrypt: it does not decrypt")

// seal encrypts in CBC mode after PKCS #7 padding to a multiple of block, which may be larger than that of AES.
func seal(key, iv, plain []byte, block int) ([]byte, error) {
	c, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	n := block - len(plain)%block
	padded := append(bytes.Clone(plain), bytes.Repeat([]byte{byte(n)}, n)...)
	cipher.NewCBCEncrypter(c, iv).CryptBlocks(padded, padded)
	return padded, nil
}

func open(key, iv, sealed []byte, block int) ([]byte, error) {
	c, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	if len(sealed) == 0 || len(sealed)%aes.BlockSize != 0 || len(iv) != aes.BlockSize {
		return nil, ErrCipher
	}
	plain := make([]byte, len(sealed))
	cipher.NewCBCDecrypter(c, iv).CryptBlocks(plain, sealed)
	n := int(plain[len(plain)-1])
	if n < 1 || n > block || n > len(plain) || !bytes.Equal(plain[len(plain)-n:], bytes.Repeat([]byte{byte(n)}, n)) {
		return nil, ErrCipher
	}
	return plain[:len(plain)-n], nil
}

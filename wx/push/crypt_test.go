package push

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"wxhub/wx"
)

// A ciphertext that is signed well and is still not for this app.
func TestCiphertexts(t *testing.T) {
	r := newReceiver(t)
	key, _ := decodeKey(testKey)
	other, _ := decodeKey("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	make := func(key []byte, app string) string {
		e, err := encrypt(key, app, []byte("0123456789abcdef"), []byte(message("XML")+strings.Repeat(" ", 32)))
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	good := make(key, safeApp)
	if text, err := decrypt(key, safeApp, framed(t, key, 0, 2, 2)); err != nil || !strings.HasPrefix(string(text), message("XML")) {
		t.Fatal("framed makes no good ciphertext")
	}
	if !strings.HasSuffix(good, "=") || strings.HasSuffix(good, "==") {
		t.Fatal("the message needs a length that leaves two bits over")
	}
	for name, e := range map[string]string{
		"of another app":          make(key, "wxother"),
		"of a longer app":         make(key, safeApp+"x"),
		"of no app":               make(key, ""),
		"of another key":          make(other, safeApp),
		"half a block is missing": good[:len(good)-24],
		"the end is cut off":      good[:128],
		"not base64":              "!" + good[1:],
		"a line break":            good[:64] + "\n" + good[64:],
		"bits that do not count":  good[:len(good)-2] + string(good[len(good)-2]+1) + "=",
		"padded to 16":            framed(t, key, 16, 2, 2),
		"mixed padding":           framed(t, key, 0, 1, 2),
		"padding of 0":            framed(t, key, 0, 0),
		"padding of 33":           framed(t, key, 0, bytes.Repeat([]byte{33}, 33)...),
		"empty":                   "",
		"one block":               "AAAAAAAAAAAAAAAAAAAAAA==",
	} {
		d := plain(envelope("JSON", e))
		d.Query.Set("encrypt_type", "aes")
		d.Query.Set("msg_signature", sign(testToken, strconv.Itoa(now), testNonce, e))
		if _, err := r.Open(safeApp, d); !errors.Is(err, wx.ErrPushForged) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// framed encrypts a good frame with this padding; spaces after the text make its length
// rest more than whole blocks of 32.
func framed(t *testing.T, key []byte, rest int, padding ...byte) string {
	t.Helper()
	text := message("XML")
	for (20+len(text)+len(safeApp)+len(padding))%padBlock != rest {
		text += " "
	}
	data := binary.BigEndian.AppendUint32([]byte("0123456789abcdef"), uint32(len(text)))
	data = append(append(data, text+safeApp...), padding...)
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(data, data)
	return base64.StdEncoding.EncodeToString(data)
}

// What is signed is sorted and run together, so timestamp and nonce can change places.
func TestTimestampAndNonceExchanged(t *testing.T) {
	const old, nonce = "1600000000", "1714112445" // a nonce that is the time of today
	key, _ := decodeKey(testKey)
	text := strings.Replace(message("XML"), "1714112440", old, 1)
	e, err := encrypt(key, safeApp, []byte("0123456789abcdef"), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	_, err = newReceiver(t).Open(safeApp, wx.Delivery{Body: []byte(envelope("XML", e)), Query: url.Values{
		"timestamp": {nonce}, "nonce": {old}, "encrypt_type": {"aes"},
		"signature": {sign(testToken, old, nonce)}, "msg_signature": {sign(testToken, old, nonce, e)},
	}})
	if !errors.Is(err, wx.ErrPushStale) {
		t.Errorf("got %v", err)
	}
}

// The msg_signature does not notice that the ciphertext's first characters went over into
// the nonce. The signature does.
func TestCiphertextInTheNonce(t *testing.T) {
	key, _ := decodeKey(testKey)
	timestamp, between := strconv.Itoa(now), regexp.MustCompile(`^[5-9][0-9A-Za-z]{3}[5-9]`)
	var e string
	for i := 0; !between.MatchString(e); i++ { // so that it stays next to the nonce when sorted
		var err error
		if e, err = encrypt(key, safeApp, fmt.Appendf(nil, "%016d", i), []byte(message("XML"))); err != nil {
			t.Fatal(err)
		}
	}
	nonce, rest := testNonce+e[:4], e[4:]
	d := plain(envelope("XML", rest))
	d.Query.Set("encrypt_type", "aes")
	d.Query.Set("nonce", nonce)
	d.Query.Set("msg_signature", sign(testToken, timestamp, testNonce, e))
	r := newReceiver(t)
	if err := r.apps[safeApp].verifyMessage(signed{timestamp, nonce}, d.Query, rest); err != nil {
		t.Fatal("the msg_signature noticed it; this test tests nothing")
	}
	if _, err := r.apps[safeApp].verify(d.Query); !errors.Is(err, wx.ErrPushForged) {
		t.Errorf("got %v", err)
	}
}

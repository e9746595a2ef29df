package push

import (
	"errors"
	"net/url"
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
		e, err := encrypt(key, app, []byte("0123456789abcdef"), []byte(message("XML")))
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	good := make(key, safeApp)
	for name, e := range map[string]string{
		"of another app":          make(key, "wxother"),
		"of a longer app":         make(key, safeApp+"x"),
		"of no app":               make(key, ""),
		"of another key":          make(other, safeApp),
		"half a block is missing": good[:len(good)-24],
		"the end is cut off":      good[:128],
		"not base64":              "!" + good[1:],
		"a line break":            good[:64] + "\n" + good[64:],
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

// A beginning of the ciphertext that went over into the nonce would leave one that opens
// to whatever its sender had put into the middle of his message.
func TestNoCiphertextInTheNonce(t *testing.T) {
	d := sealed(t, message("XML"), func(e string) string { return envelope("XML", e) })
	e := string(d.Body[strings.Index(string(d.Body), "<Encrypt><![CDATA[")+len("<Encrypt><![CDATA["):])
	e, _, _ = strings.Cut(e, "]]>")
	nonce, rest := testNonce+strings.NewReplacer("+", "-", "/", "_").Replace(e[:128]), e[128:]
	d.Body = []byte(envelope("XML", rest))
	d.Query.Set("nonce", nonce)
	d.Query.Set("signature", sign(testToken, strconv.Itoa(now), nonce))
	d.Query.Set("msg_signature", sign(testToken, strconv.Itoa(now), nonce, rest))
	if _, err := newReceiver(t).Open(safeApp, d); !errors.Is(err, wx.ErrPushForged) {
		t.Errorf("got %v", err)
	}
}

package apiv3_test

import (
	"errors"
	"testing"

	"wxhub/wx/sandbox/apiv3"
)

// Known answers are tested in the parent package, next to the vectors; here are the edges.

func TestSealAndOpenRefuseANonceOfAnotherLengthWithoutPanic(t *testing.T) {
	const key = "0123456789abcdef0123456789abcdef"
	for _, nonce := range []string{"", "short", "0123456789abcdef"} {
		if _, err := apiv3.Seal(key, nonce, "", nil); !errors.Is(err, apiv3.ErrNonce) {
			t.Errorf("seal %q: %v", nonce, err)
		}
		if _, err := apiv3.Open(key, nonce, "", ""); !errors.Is(err, apiv3.ErrNonce) {
			t.Errorf("open %q: %v", nonce, err)
		}
	}
	if _, err := apiv3.Seal("a bad key", "0123456789ab", "", nil); err == nil {
		t.Error("a key of 9 bytes is accepted")
	}
	if _, err := apiv3.Open(key, "0123456789ab", "", "!"); err == nil {
		t.Error("what is not base64 is accepted")
	}
}

func TestAssociatedDataMayBeEmptyButCounts(t *testing.T) {
	const key, nonce = "0123456789abcdef0123456789abcdef", "0123456789ab"
	sealed, err := apiv3.Seal(key, nonce, "", []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	if opened, err := apiv3.Open(key, nonce, "", sealed); err != nil || string(opened) != "x" {
		t.Errorf("%q %v", opened, err)
	}
	if _, err := apiv3.Open(key, nonce, "transaction", sealed); err == nil {
		t.Error("other associated data opens it")
	}
}

func TestEmptyBodyIsAnEmptyLine(t *testing.T) {
	if got := apiv3.RequestMessage("GET", "/v3/a?b=c", "1", "n", nil); got != "GET\n/v3/a?b=c\n1\nn\n\n" {
		t.Errorf("%q", got)
	}
	if got := apiv3.ResponseMessage("1", "n", nil); got != "1\nn\n\n" {
		t.Errorf("%q", got)
	}
}

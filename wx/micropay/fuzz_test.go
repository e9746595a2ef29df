package micropay

import (
	"bytes"
	"errors"
	"maps"
	"testing"

	"wxhub/wx"
)

// FuzzRead: whatever comes, it is read or refused, and what was read can be written and read
// again. Nothing without the key's signature is believed.
func FuzzRead(f *testing.F) {
	f.Add(write(paid(direct(), nil)))
	f.Add([]byte(`<?xml version="1.0" encoding="UTF-8"?><xml><return_code><![CDATA[FAIL]]></return_code></xml>`))
	f.Add([]byte(`<!DOCTYPE x><xml><a>&#60;</a><b></b></xml>`))
	f.Add([]byte("<xml><a>1</a><a>2</a></xml>"))
	m := Merchant{ID: directID, Key: key}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := read(body)
		if err != nil {
			if got != nil || bytes.Contains([]byte(err.Error()), body) && len(body) > 3 {
				t.Fatalf("got %v, %v", got, err)
			}
			return
		}
		again, err := read(write(got))
		maps.DeleteFunc(got, func(_, v string) bool { return v == "" })
		if err != nil || !maps.Equal(fields(got), again) {
			t.Fatalf("%v\n%v\n%v", err, got, again)
		}
		if err := verify(got, m, direct()); !errors.Is(err, wx.ErrForged) && !errors.Is(err, wx.ErrBusy) && !signed(got, key) {
			t.Fatalf("believed %v", got)
		}
	})
}

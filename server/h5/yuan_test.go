package h5

import (
	"testing"

	"pgregory.net/rapid"

	"wxhub/model"
)

func TestParseYuan(t *testing.T) {
	for text, want := range map[string]model.Fen{
		"0.01": 1, "0.1": 10, "1": 100, "1.": 100, "19.90": 1990, "0.29": 29, "1.15": 115, "4.35": 435, " 5 ": 500,
		"9999999999.99": 999999999999, "0": 0,
	} {
		if got, err := parseYuan(text); err != nil || got != want {
			t.Errorf("%q: %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", ".", ".5", "01", "00", "1.234", "1,5", "1e3", "-1", "+1", "0x10", "１", "1 2", "NaN", "12345678901", "1.2.3", "٣"} {
		if got, err := parseYuan(text); err == nil {
			t.Errorf("%q is taken as %d", text, got)
		}
	}
}

func TestParseYuanUndoesString(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := model.Fen(rapid.Int64Range(0, int64(model.MaxAmount)).Draw(t, "fen"))
		if got, err := parseYuan(want.String()); err != nil || got != want {
			t.Fatalf("%s: %d, %v", want, got, err)
		}
	})
}

func TestParseFen(t *testing.T) {
	for _, text := range []string{"", "0", "-1", "+1", "01", "1.0", "1e2", " 1", "1000000001", "99999999999999999999", "<script>"} {
		if got, ok := parseFen(text); ok {
			t.Errorf("%q is taken as %d", text, got)
		}
	}
	if got, ok := parseFen("1990"); !ok || got != 1990 {
		t.Errorf("1990: %d, %v", got, ok)
	}
}

package edge

import (
	"testing"

	"wxhub/model"
)

func TestLimitsAreOfEachKey(t *testing.T) {
	l := NewLimits()
	refused := false
	for range 10 * changesBurst {
		if err := l.Change("loop"); err != nil {
			refused = model.AsError(err).Kind == model.KindTooMany
			break
		}
	}
	if !refused {
		t.Error("a key that loops is never told to slow down")
	}
	if err := l.Change("calm"); err != nil {
		t.Errorf("another key pays for it: %v", err)
	}
	if err := l.Read("loop"); err != nil {
		t.Errorf("reading pays for changing: %v", err)
	}
}

package mongostore

import (
	"testing"
	"time"
)

// A URI may ask for more patience than ours, and not for less safety.
func TestParse(t *testing.T) {
	for uri, want := range map[string]struct {
		app              string
		selection, calls time.Duration
	}{
		"mongodb://localhost": {"wxhub", selectionTimeout, callTimeout},
		"mongodb://localhost/?serverSelectionTimeoutMS=60000&timeoutMS=61000&appName=shop": {"shop", time.Minute, 61 * time.Second},
		"mongodb://localhost/?timeoutMS=0":                                                 {"wxhub", selectionTimeout, callTimeout},
		"mongodb://localhost/?w=1&journal=false":                                           {"wxhub", selectionTimeout, callTimeout},
		"mongodb://localhost/?readPreference=secondary":                                    {"wxhub", selectionTimeout, callTimeout},
		"mongodb://localhost/?retryWrites=false":                                           {"wxhub", selectionTimeout, callTimeout},
		"mongodb://localhost/?readConcernLevel=local":                                      {"wxhub", selectionTimeout, callTimeout},
	} {
		o, _, err := parse(uri)
		if err != nil {
			t.Errorf("%s: %v", uri, err)
			continue
		}
		if *o.AppName != want.app || *o.ServerSelectionTimeout != want.selection || *o.Timeout != want.calls {
			t.Errorf("%s: %s, %s, %s", uri, *o.AppName, *o.ServerSelectionTimeout, *o.Timeout)
		}
		if o.WriteConcern.W != "majority" || !*o.WriteConcern.Journal || o.ReadConcern.Level != "majority" ||
			o.ReadPreference.Mode().String() != "primary" || !*o.RetryWrites {
			t.Errorf("%s: written with %+v, read with %+v from %s", uri, o.WriteConcern, o.ReadConcern, o.ReadPreference.Mode())
		}
	}
}

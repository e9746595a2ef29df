package mongostore_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/mongostore"
	"wxhub/model/mongostore/mongotest"
)

func TestConformance(t *testing.T) {
	uri := os.Getenv("WXHUB_TEST_MONGODB")
	if uri == "" {
		t.Skip("WXHUB_TEST_MONGODB names no MongoDB server; " +
			"the same suites run against an embedded stand-in in the module model/mongostore/ferrettest")
	}
	mongotest.Run(t, uri, 0)
}

// TestOpenHidesThePassword has one row for each way that a URI goes wrong.
func TestOpenHidesThePassword(t *testing.T) {
	for name, uri := range map[string]string{
		"empty":           "",
		"other scheme":    "postgres://shop:canary@localhost/wxhub",
		"no host":         "mongodb://shop:canary@/wxhub",
		"unescaped":       "mongodb://shop:can@ary/canary@localhost/wxhub",
		"bad escape":      "mongodb://shop:canary%zz@localhost/wxhub",
		"bad option":      "mongodb://shop:canary@localhost/wxhub?maxPoolSize=canary",
		"bad database":    "mongodb://shop:canary@localhost/%zzcanary",
		"contradicting":   "mongodb://shop:canary@localhost,otherhost/wxhub?directConnection=true",
		"bad port":        "mongodb://shop:canary@localhost:99999/wxhub",
		"control in host": "mongodb://shop:canary@local\nhost/wxhub",
	} {
		t.Run(name, func(t *testing.T) {
			s, err := mongostore.Open(cancelled(), uri)
			if err == nil {
				s.Close()
				t.Fatal("it was opened")
			}
			if strings.Contains(err.Error(), "canary") {
				t.Errorf("the error shows the password: %v", err)
			}
			if code := model.CodeOf(err); code != "store_unusable" && code != "unavailable" {
				t.Errorf("got code %s: %v", code, err)
			}
		})
	}
}

func TestOpenGivesUp(t *testing.T) {
	start := time.Now()
	// Nothing listens on the discard port of a test machine; it refuses at once.
	_, err := mongostore.Open(cancelled(), "mongodb://127.0.0.1:9/wxhub")
	if !errors.Is(err, model.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
	if waited := time.Since(start); waited > 4*time.Second {
		t.Errorf("a cancelled Open took %v", waited)
	}
}

func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

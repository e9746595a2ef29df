package ferrettest

import (
	"context"
	"log/slog"
	"os"
	"testing"

	"github.com/FerretDB/FerretDB/ferretdb"

	"wxhub/model/mongostore/mongotest"
)

// checks is fewer than by default: each write opens a file transaction.
const checks = 25

func TestConformance(t *testing.T) {
	// Sixty-four racers wait for the one connection on a busy machine.
	mongotest.Run(t, start(t)+"?maxPoolSize=1&serverSelectionTimeoutMS=60000&timeoutMS=60000", checks)
}

// start runs the stand-in until the test ends and returns its URI.
func start(t *testing.T) string {
	t.Helper()
	f, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: "127.0.0.1:0"},
		Logger:    slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		Handler:   "sqlite",
		SQLiteURL: "file:" + t.TempDir() + "/",
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the stand-in ended with %v", err)
		}
	})
	return f.MongoDBURI()
}

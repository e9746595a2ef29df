package redisstore

import (
	"context"
	"errors"
	"strings"

	"github.com/redis/go-redis/v9"

	"wxhub/model"
)

// Store is a connection pool to Redis, safe for concurrent use.
type Store struct {
	client   redis.UniversalClient
	embedded *embedded // nil when Redis is a server of its own
}

// Open connects to the Redis at url and waits, within ctx, until it answers:
//
//	embedded:                                        in this process, lost with it
//	redis://[user:password@]host[:port][/db]         rediss:// with TLS
//	redis+sentinel://[user:password@]h1,h2/master[/db]
//	redis+cluster://[user:password@]h1,h2
//
// Sentinel takes ?sentinel_username and ?sentinel_password for the sentinels
// themselves; Sentinel and Cluster take ?tls=true. It returns model.ErrUnavailable
// when Redis does not answer; no error holds the password.
func Open(ctx context.Context, url string) (*Store, error) {
	silenceDriver()
	s := &Store{}
	opts, err := s.options(url)
	if err != nil {
		return nil, err
	}
	s.client = redis.NewUniversalClient(opts)
	if err := s.Ping(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// options starts the embedded server when the URL asks for one.
func (s *Store) options(url string) (*redis.UniversalOptions, error) {
	if !strings.HasPrefix(url, "embedded:") {
		return parseURL(url)
	}
	if url != "embedded:" {
		return nil, errURL("embedded: takes nothing after the colon")
	}
	e, err := startEmbedded()
	if err != nil {
		return nil, model.ErrUnavailable.Because(err)
	}
	s.embedded = e
	opts := newOptions()
	opts.Addrs, opts.Password = []string{e.server.Addr()}, e.password
	return opts, nil
}

// Close ends all connections, and the embedded server if there is one.
func (s *Store) Close() error {
	err := s.client.Close()
	if s.embedded != nil {
		s.embedded.stop()
	}
	return err
}

// Ping asks for a sign of life; model.ErrUnavailable when there is none.
func (s *Store) Ping(ctx context.Context) error {
	return failure(s.client.Ping(ctx).Err())
}

// Client gives the connection to packages that keep other things in the same
// Redis. They share the prefix wxhub: and nothing else.
func (s *Store) Client() redis.UniversalClient { return s.client }

// failure maps what the driver says to what the callers understand.
func failure(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, redis.Nil):
		return model.ErrNotFound
	}
	return model.ErrUnavailable.Because(err)
}

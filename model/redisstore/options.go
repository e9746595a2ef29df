package redisstore

import (
	"crypto/tls"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// A request of a person waits for Redis at most this long, retry included.
const (
	dialTimeout = 2 * time.Second
	callTimeout = 2 * time.Second
	poolTimeout = 3 * time.Second
)

// newOptions are what all forms share. Plain Redis knows neither CLIENT SETINFO
// details nor maintenance notifications: asking for them is noise in its log.
func newOptions() *redis.UniversalOptions {
	return &redis.UniversalOptions{
		DialTimeout: dialTimeout, ReadTimeout: callTimeout, WriteTimeout: callTimeout, PoolTimeout: poolTimeout,
		DialerRetries: 1, MaxRetries: 1,
		ContextTimeoutEnabled:    true,
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
}

// parseURL reads every form but embedded:. Its errors never quote the URL: it may
// hold a password.
func parseURL(text string) (*redis.UniversalOptions, error) {
	l, err := takeApart(text)
	if err != nil {
		return nil, err
	}
	opts := newOptions()
	opts.Addrs = l.hosts
	opts.Username = l.user.Username()
	opts.Password, _ = l.user.Password()
	switch l.scheme {
	case "redis", "rediss":
		err = l.single(opts)
	case "redis+sentinel":
		err = l.sentinel(opts)
	case "redis+cluster":
		err = l.cluster(opts)
	default:
		err = errURL("it must begin with embedded:, redis://, rediss://, redis+sentinel:// or redis+cluster://")
	}
	return opts, err
}

func (l location) single(opts *redis.UniversalOptions) (err error) {
	if len(l.hosts) > 1 {
		return errURL("several hosts need redis+sentinel:// or redis+cluster://")
	}
	if l.scheme == "rediss" {
		opts.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if opts.DB, err = l.database(0); err != nil {
		return err
	}
	return l.onlyKnows()
}

func (l location) sentinel(opts *redis.UniversalOptions) (err error) {
	if len(l.path) == 0 {
		return errURL("redis+sentinel:// needs the name of the master after the hosts")
	}
	opts.MasterName = l.path[0]
	opts.SentinelUsername, opts.SentinelPassword = l.query.Get("sentinel_username"), l.query.Get("sentinel_password")
	opts.TLSConfig = l.tls()
	if opts.DB, err = l.database(1); err != nil {
		return err
	}
	return l.onlyKnows("tls", "sentinel_username", "sentinel_password")
}

func (l location) cluster(opts *redis.UniversalOptions) error {
	if len(l.path) > 0 {
		return errURL("a cluster has no numbered databases; remove the path")
	}
	opts.IsClusterMode = true
	opts.TLSConfig = l.tls()
	return l.onlyKnows("tls")
}

func (l location) tls() *tls.Config {
	if l.query.Get("tls") != "true" {
		return nil
	}
	return &tls.Config{MinVersion: tls.VersionTLS12}
}

// database is the number at the end of the path, 0 when there is none.
func (l location) database(at int) (int, error) {
	if len(l.path) <= at {
		return 0, nil
	}
	n, err := strconv.Atoi(l.path[at])
	if err != nil || n < 0 || len(l.path) > at+1 {
		return 0, errURL("the path must end with the number of a database")
	}
	return n, nil
}

// onlyKnows refuses options that nothing reads, and tls with another value than
// true or false: a misspelt one must not mean a connection in the clear.
func (l location) onlyKnows(names ...string) error {
	for name := range l.query {
		if !slices.Contains(names, name) {
			return errURL("there is an option after ? that is not known")
		}
	}
	if v := l.query.Get("tls"); v != "" && v != "true" && v != "false" {
		return errURL("tls must be true or false")
	}
	return nil
}

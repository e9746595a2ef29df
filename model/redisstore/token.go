package redisstore

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/bsm/redislock"
	"github.com/redis/go-redis/v9"

	"wxhub/model"
)

// All keys of one app share a hash tag, so that in a cluster they lie in one slot.

func tokenAt(k model.TokenKey) string { return "wxhub:token:{" + k.AppID + "}:" + string(k.Kind) }

func tokenLockAt(k model.TokenKey) string  { return tokenAt(k) + ":lock" }
func tokenFaultAt(k model.TokenKey) string { return tokenAt(k) + ":fault" }

// tokenChannel carries the keys of stored tokens; it holds no token.
const tokenChannel = "wxhub:token:changed"

// tokenRecord is model.Token as it is stored.
type tokenRecord struct {
	Value     string    `json:"value"`
	FetchedAt time.Time `json:"fetched_at"`
	ExpiresAt time.Time `json:"expires_at"`
	Source    string    `json:"source"`
	Fence     int64     `json:"fence"`
}

// faultRecord is model.TokenFault as it is stored.
type faultRecord struct {
	Code    string    `json:"code"`
	Message string    `json:"message"`
	Source  string    `json:"source"`
	Until   time.Time `json:"until"`
}

// keyMessage is what the channel carries.
type keyMessage struct {
	AppID string `json:"app_id"`
	Kind  string `json:"kind"`
}

// Token implements token.Shelf.
func (s *Store) Token(ctx context.Context, k model.TokenKey) (model.Token, error) {
	doc, err := s.client.HGet(ctx, tokenAt(k), "doc").Bytes()
	if err != nil {
		return model.Token{}, failure(err)
	}
	var r tokenRecord
	if err := json.Unmarshal(doc, &r); err != nil {
		return model.Token{}, model.ErrNotFound.Because(errors.New("redisstore: a stored token is unreadable"))
	}
	return model.Token{
		Value: model.Secret(r.Value), FetchedAt: model.Instant(r.FetchedAt), ExpiresAt: model.Instant(r.ExpiresAt),
		Source: r.Source, Fence: r.Fence,
	}, nil
}

// saveToken stores a token unless a holder with a higher fence did. Fences are Redis's
// own time in microseconds: below 2^53, so Lua's numbers hold them exactly.
var saveToken = redis.NewScript(`
local stored = redis.call('HGET', KEYS[1], 'fence')
if stored and tonumber(stored) > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'fence', ARGV[1], 'doc', ARGV[2])
redis.call('PEXPIREAT', KEYS[1], ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[5])
return 1`)

// SaveToken implements token.Shelf.
func (s *Store) SaveToken(ctx context.Context, k model.TokenKey, t model.Token) error {
	doc, err := json.Marshal(tokenRecord{t.Value.Reveal(), t.FetchedAt, t.ExpiresAt, t.Source, t.Fence})
	if err != nil {
		return err
	}
	message, err := json.Marshal(keyMessage{k.AppID, string(k.Kind)})
	if err != nil {
		return err
	}
	stored, err := saveToken.Run(ctx, s.client, []string{tokenAt(k)},
		t.Fence, doc, t.ExpiresAt.UnixMilli(), tokenChannel, message).Int()
	if err == nil && stored == 0 {
		return model.ErrStale
	}
	return failure(err)
}

// TokenFault implements token.Shelf.
func (s *Store) TokenFault(ctx context.Context, k model.TokenKey) (model.TokenFault, error) {
	r, err := load[faultRecord](ctx, s, tokenFaultAt(k))
	return model.TokenFault{Code: r.Code, Message: r.Message, Source: r.Source, Until: model.Instant(r.Until)}, err
}

// SaveTokenFault implements token.Shelf.
func (s *Store) SaveTokenFault(ctx context.Context, k model.TokenKey, f model.TokenFault) error {
	return s.save(ctx, tokenFaultAt(k), faultRecord(f), max(time.Until(f.Until), time.Second))
}

// fenceOf gives the owner of a lock its fence: Redis's clock, which goes on when the
// data is flushed (a counter would begin again and lock the later holders out), and
// more than what is stored, should another node's clock have been ahead. It is read
// where the lock lies, and only while it is held, so the order of the fences is the
// order of the holders.
var fenceOf = redis.NewScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local now = redis.call('TIME')
local fence = tonumber(now[1]) * 1000000 + tonumber(now[2])
local stored = tonumber(redis.call('HGET', KEYS[2], 'fence') or '0')
if stored >= fence then fence = stored + 1 end
return fence`)

// LockToken implements token.Shelf.
func (s *Store) LockToken(ctx context.Context, k model.TokenKey, lease time.Duration) (int64, func(context.Context), error) {
	lock, err := redislock.New(s.client).Obtain(ctx, tokenLockAt(k), lease, nil)
	if errors.Is(err, redislock.ErrNotObtained) {
		return 0, nil, model.ErrExists
	}
	if err != nil {
		return 0, nil, failure(err)
	}
	release := func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		_ = lock.Release(ctx) // the lease ends by itself
	}
	fence, err := fenceOf.Run(ctx, s.client, []string{tokenLockAt(k), tokenAt(k)}, lock.Token()).Int64()
	if err != nil {
		release(ctx)
		return 0, nil, failure(err)
	}
	if fence == 0 { // the lease ended before we had begun
		return 0, nil, model.ErrExists
	}
	return fence, release, nil
}

// CountForced implements token.Shelf.
func (s *Store) CountForced(ctx context.Context, k model.TokenKey, day string) (int64, error) {
	key := tokenAt(k) + ":forced:" + day
	count, err := s.client.Incr(ctx, key).Result()
	if err == nil && count == 1 {
		err = s.client.Expire(ctx, key, 48*time.Hour).Err()
	}
	return count, failure(err)
}

func holdersAt(appID, tokenHash string) string {
	return "wxhub:token:{" + appID + "}:holders:" + tokenHash
}

// RememberHolder implements token.Shelf.
func (s *Store) RememberHolder(ctx context.Context, appID, tokenHash, holder string, ttl time.Duration) error {
	key := holdersAt(appID, tokenHash)
	_, err := s.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.SAdd(ctx, key, holder)
		p.PExpire(ctx, key, ttl)
		return nil
	})
	return failure(err)
}

// Holders implements token.Shelf.
func (s *Store) Holders(ctx context.Context, appID, tokenHash string) ([]string, error) {
	holders, err := s.client.SMembers(ctx, holdersAt(appID, tokenHash)).Result()
	return holders, failure(err)
}

// TokenChanges implements token.Shelf. go-redis subscribes again after a lost
// connection and says so; what was published meanwhile is lost, so the zero key
// tells the reader to look at everything.
func (s *Store) TokenChanges(ctx context.Context) <-chan model.TokenKey {
	out := make(chan model.TokenKey)
	sub := s.client.Subscribe(ctx, tokenChannel)
	in := sub.ChannelWithSubscriptions(redis.WithChannelSize(1000))
	go func() {
		defer close(out)
		defer func() { _ = sub.Close() }()
		for {
			select {
			case <-ctx.Done():
				return
			case m, ok := <-in:
				if !ok {
					return
				}
				select {
				case out <- changedKey(m):
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out
}

// changedKey is the zero key for anything but a message that can be read.
func changedKey(m any) model.TokenKey {
	message, ok := m.(*redis.Message)
	if !ok {
		return model.TokenKey{}
	}
	var k keyMessage
	if json.Unmarshal([]byte(message.Payload), &k) != nil {
		return model.TokenKey{}
	}
	return model.TokenKey{AppID: k.AppID, Kind: model.TokenKind(k.Kind)}
}

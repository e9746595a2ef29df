package redisstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"wxhub/model"
)

// sessionRecord is model.Session as it is stored.
type sessionRecord struct {
	UserID    string    `json:"user_id"`
	AppID     string    `json:"app_id"`
	OpenID    string    `json:"open_id"`
	ExpiresAt time.Time `json:"expires_at"`
}

// keyRecord is a session_key as it is stored.
type keyRecord struct {
	SessionKey string `json:"session_key"`
}

func sessionAt(tokenHash string) string { return "wxhub:session:" + tokenHash }

func sessionKeyAt(appID, openID string) string { return "wxhub:session_key:" + appID + ":" + openID }

// SaveSession implements identity.Sessions.
func (s *Store) SaveSession(ctx context.Context, tokenHash string, session model.Session, ttl time.Duration) error {
	return s.save(ctx, sessionAt(tokenHash), sessionRecord{
		UserID: session.UserID, AppID: session.AppID, OpenID: session.OpenID, ExpiresAt: model.Instant(session.ExpiresAt),
	}, ttl)
}

// Session implements identity.Sessions.
func (s *Store) Session(ctx context.Context, tokenHash string) (model.Session, error) {
	r, err := load[sessionRecord](ctx, s, sessionAt(tokenHash))
	if err != nil {
		return model.Session{}, err
	}
	return model.Session{
		UserID: r.UserID, AppID: r.AppID, OpenID: r.OpenID, ExpiresAt: model.Instant(r.ExpiresAt),
	}, nil
}

// DeleteSession implements identity.Sessions.
func (s *Store) DeleteSession(ctx context.Context, tokenHash string) error {
	return failure(s.client.Del(ctx, sessionAt(tokenHash)).Err())
}

// SaveSessionKey implements identity.Sessions.
func (s *Store) SaveSessionKey(ctx context.Context, appID, openID string, key model.Secret, ttl time.Duration) error {
	return s.save(ctx, sessionKeyAt(appID, openID), keyRecord{SessionKey: key.Reveal()}, ttl)
}

// SessionKey implements identity.Sessions.
func (s *Store) SessionKey(ctx context.Context, appID, openID string) (model.Secret, error) {
	r, err := load[keyRecord](ctx, s, sessionKeyAt(appID, openID))
	return model.Secret(r.SessionKey), err
}

// DeleteSessionKey implements identity.Sessions.
func (s *Store) DeleteSessionKey(ctx context.Context, appID, openID string) error {
	return failure(s.client.Del(ctx, sessionKeyAt(appID, openID)).Err())
}

// save stores a record until ttl is over.
func (s *Store) save(ctx context.Context, key string, record any, ttl time.Duration) error {
	if err := ends(ttl); err != nil {
		return err
	}
	text, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("redisstore: encode: %w", err)
	}
	return failure(s.client.Set(ctx, key, text, ttl).Err())
}

// ends refuses what Redis reads as "for ever", which no caller can mean.
func ends(ttl time.Duration) error {
	if ttl <= 0 {
		return fmt.Errorf("redisstore: a ttl of %s would keep the record for ever", ttl)
	}
	return nil
}

func load[T any](ctx context.Context, s *Store, key string) (T, error) {
	return decode[T](s.client.Get(ctx, key))
}

// decode reads a record. One that cannot be read was written by another version: it
// counts as lost, which costs a new login.
func decode[T any](answer *redis.StringCmd) (record T, err error) {
	text, err := answer.Bytes()
	if err != nil {
		return record, failure(err)
	}
	if err := json.Unmarshal(text, &record); err != nil {
		var none T
		return none, model.ErrNotFound.Because(fmt.Errorf("redisstore: decode: %w", err))
	}
	return record, nil
}

package redisstore

import (
	"context"
	"time"

	"wxhub/model"
)

// stateRecord is model.LoginState as it is stored.
type stateRecord struct {
	AppID    string `json:"app_id"`
	Browser  string `json:"browser"`
	ReturnTo string `json:"return_to"`
	Scope    string `json:"scope"`
}

func stateAt(hash string) string { return "wxhub:state:" + hash }

// SaveState keeps a login under the hash of its OAuth state for ttl.
func (s *Store) SaveState(ctx context.Context, hash string, state model.LoginState, ttl time.Duration) error {
	return s.save(ctx, stateAt(hash), stateRecord(state), ttl)
}

// TakeState returns a login and forgets it, so that of several who ask one gets it and
// the others model.ErrNotFound.
func (s *Store) TakeState(ctx context.Context, hash string) (model.LoginState, error) {
	r, err := decode[stateRecord](s.client.GetDel(ctx, stateAt(hash)))
	return model.LoginState(r), err
}

package token

import "wxhub/model"

// Metrics counts what the keeper does. The server's registry implements it.
type Metrics interface {
	// Fetched counts one call to WeChat; err is nil when it gave a token.
	Fetched(k model.TokenKey, err error)
	// Forced tells how many forced refreshes of today are used.
	Forced(k model.TokenKey, used int64)
}

type noMetrics struct{}

func (noMetrics) Fetched(model.TokenKey, error) {}
func (noMetrics) Forced(model.TokenKey, int64)  {}

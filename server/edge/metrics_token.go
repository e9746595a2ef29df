package edge

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"wxhub/model"
)

// Fetched and Forced make Metrics what the token keeper counts into.
func (m *Metrics) Fetched(k model.TokenKey, err error) {
	result := "ok"
	if err != nil {
		result = model.CodeOf(err)
	}
	m.tokenFetches.WithLabelValues(k.AppID, string(k.Kind), result).Inc()
}

// Forced tells how many forced refreshes of today are used.
func (m *Metrics) Forced(k model.TokenKey, used int64) {
	m.tokenForced.WithLabelValues(k.AppID).Set(float64(used))
}

// Tokens adds the age and the rest of life of the tokens that this process holds.
func (m *Metrics) Tokens(local func(visit func(model.TokenKey, model.Token)), now func() time.Time) {
	m.Registry.MustRegister(&tokenAges{local, now})
}

type tokenAges struct {
	local func(visit func(model.TokenKey, model.Token))
	now   func() time.Time
}

var (
	tokenAge  = prometheus.NewDesc("wxhub_token_age_seconds", "Time since the token was fetched.", []string{"app_id", "kind"}, nil)
	tokenLeft = prometheus.NewDesc("wxhub_token_expires_in_seconds", "Time until the token ends.", []string{"app_id", "kind"}, nil)
)

// Describe implements prometheus.Collector.
func (*tokenAges) Describe(out chan<- *prometheus.Desc) {
	out <- tokenAge
	out <- tokenLeft
}

// Collect implements prometheus.Collector.
func (c *tokenAges) Collect(out chan<- prometheus.Metric) {
	now := c.now()
	c.local(func(k model.TokenKey, t model.Token) {
		out <- prometheus.MustNewConstMetric(tokenAge, prometheus.GaugeValue, now.Sub(t.FetchedAt).Seconds(), k.AppID, string(k.Kind))
		out <- prometheus.MustNewConstMetric(tokenLeft, prometheus.GaugeValue, t.ExpiresAt.Sub(now).Seconds(), k.AppID, string(k.Kind))
	})
}

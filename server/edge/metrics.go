package edge

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Metrics are what every instance counts. Labels never hold ids.
type Metrics struct {
	Registry      *prometheus.Registry
	requests      *prometheus.CounterVec
	seconds       *prometheus.HistogramVec
	notifications *prometheus.CounterVec
	pushes        *prometheus.CounterVec
	tokenFetches  *prometheus.CounterVec
	tokenForced   *prometheus.GaugeVec
}

// NewMetrics makes a registry of its own: two servers in one process do not meet.
func NewMetrics() *Metrics {
	m := &Metrics{
		Registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wxhub_http_requests_total", Help: "HTTP requests by method, route and status.",
		}, []string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "wxhub_http_request_seconds", Help: "Time to answer, in seconds.",
			Buckets: []float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route"}),
		notifications: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wxhub_notifications_total", Help: "WeChat Pay notifications by result: ok, or the code of the refusal. notification_probe is WeChat's own test.",
		}, []string{"result"}),
	}
	m.pushes = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "wxhub_pushes_total", Help: "Messages and events of WeChat by result: ok, or the code of the refusal.",
	}, []string{"result"})
	m.tokenFetches = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "wxhub_token_fetches_total", Help: "Calls to WeChat for a token, by result: ok, or the code of the failure.",
	}, []string{"app_id", "kind", "result"})
	m.tokenForced = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "wxhub_token_forced_refreshes_today", Help: "Forced refreshes used today; WeChat allows 20.",
	}, []string{"app_id"})
	m.Registry.MustRegister(m.requests, m.seconds, m.notifications, m.pushes, m.tokenFetches, m.tokenForced,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *Metrics) request(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

// Notification counts one notification of WeChat Pay.
func (m *Metrics) Notification(result string) { m.notifications.WithLabelValues(result).Inc() }

// Push counts one message or event of WeChat's.
func (m *Metrics) Push(result string) { m.pushes.WithLabelValues(result).Inc() }

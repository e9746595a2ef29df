package edge

import (
	"github.com/prometheus/client_golang/prometheus"

	"wxhub/model"
)

// ReconcileMetrics count what comparing bills with orders finds.
type ReconcileMetrics struct{ runs, differences *prometheus.CounterVec }

// Reconciliations adds them.
func (m *Metrics) Reconciliations() *ReconcileMetrics {
	out := &ReconcileMetrics{
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wxhub_reconcile_runs_total", Help: "Comparisons of a bill with the orders, by result: ok, or the code of the failure.",
		}, []string{"result"}),
		differences: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wxhub_reconcile_differences_total", Help: "Differences that comparisons found, by kind and by what became of them.",
		}, []string{"kind", "status"}),
	}
	m.Registry.MustRegister(out.runs, out.differences)
	return out
}

// Reconciled counts one run.
func (m *ReconcileMetrics) Reconciled(result string) { m.runs.WithLabelValues(result).Inc() }

// Difference counts one difference of a run.
func (m *ReconcileMetrics) Difference(kind model.DifferenceKind, status model.DifferenceStatus) {
	m.differences.WithLabelValues(string(kind), string(status)).Inc()
}

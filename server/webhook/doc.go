// Package webhook tells business backends what happened, as Standard Webhooks.
//
// An event is born in the document of the order or user that it is about, in the
// same write as the change itself. The relay hands it over to one delivery for each
// endpoint that wants it, then takes it out of the outbox; a crash between the two
// hands it over again, which the delivery's derived id makes harmless. A worker takes
// a due delivery by moving its DueAt (its lease), posts it, and records the outcome.
// So delivery is at least once, one event keeps one id, and nothing depends on Redis
// or on one process.
//
// The endpoints are the operator's own, from the configuration, and may be private
// addresses. Redirects are not followed.
package webhook

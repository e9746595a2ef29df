// Package webhooktest is what every store of events on their way must pass: the
// comments of webhook.Outbox and webhook.Deliveries as tests, races included.
//
// The suite knows only interfaces. Because an outbox lives inside an aggregate, it
// also takes the few methods that put orders and users there; what those must do
// by themselves is tested by paytest and identitytest.
package webhooktest

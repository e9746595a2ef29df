// Package edge is the border between HTTP and the rest: the one mapping from our
// errors to RFC 9457 problems, the one way callers are recognised, the request id,
// and the one log line and metric that each request leaves.
//
// Error policy. Packages below return model.Error (or anything, which is internal
// and says nothing). An error is turned into an answer here, once, and logged here,
// once: a 5xx with its private cause, everything else as part of the request line.
package edge

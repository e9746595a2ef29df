// Package redisstore keeps in Redis what may be lost: login sessions, WeChat's session
// keys, logins that are under way, what was seen already. It implements
// identity.Sessions.
//
// It owns the connection (one address, Sentinel, Cluster, or a Redis embedded in
// the process) and the layout of its keys:
//
//	wxhub:session:{token hash}                 JSON, expires with the session
//	wxhub:session_key:{app id}:{open id}       JSON, expires with the key
//	wxhub:state:{hash of the state}            JSON, taken once
//	wxhub:nonce:{hash}                         1, until the same would be too old anyway
//	wxhub:redemption:{hash of the code}        "" while a process asks WeChat, then the outcome
//
// No command touches two keys, so the layout needs no hash tags to work in a
// cluster. Values are explicit records: renaming a field of the model cannot
// change what is stored. A record that cannot be read counts as lost.
//
// What it leaves to others: token hashing and what a session means are package
// identity's. Errors are model.ErrNotFound and model.ErrUnavailable; no type of
// the driver leaves this package except through Client.
package redisstore

// Package push opens what WeChat pushes to the message callback: messages and events of
// official accounts and mini-programs (PROTOCOL §6.6). It is code of our own, because
// silenceper's server believes a plain body although a key is configured, never looks at
// the timestamp, compares signatures with ==, and takes the openid from the query
// (FIELD-NOTES §4.1).
//
// # What is believed
//
// Safe mode, an AESKey is configured: only what is in the encrypted part. Its signature
// (msg_signature) covers it, and the app id at its end says whom it is for. A body that is
// not encrypted is refused however well it is signed; in compatible mode, where WeChat
// sends both, the plain half is not read.
//
// Plain mode, no AESKey: WeChat signs token, timestamp and nonce, and NOT the body. Who
// ever sees one signed address, in the log of a proxy for instance, can send any body with
// it for five minutes. There is nothing to be done about that here: use safe mode.
//
// In both modes the openid of the query is not read.
//
// # Sent again
//
// WeChat sends up to three times what is not answered within five seconds. DedupKey is
// equal for all of them. The caller remembers it for days, and a signature for twice
// Window: the signature and not the nonce, because what WeChat signs are the sorted values
// run together, which does not say which of them is the time. (A request in which they
// have changed places is refused when it shows.)
package push

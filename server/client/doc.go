// Package client is wxhub's HTTP API for business backends in Go: orders, payments, refunds,
// people, access tokens, profit sharing, transfers, and the events that wxhub sends.
//
//	hub, err := client.New("https://pay.example.com", os.Getenv("WXHUB_KEY"), client.Options{})
//	order, err := hub.CreateOrder(ctx, client.NewOrder{MerchantID: "1900000001", Amount: 1990, Description: "A pot of tea"})
//	refund, err := hub.Refund(ctx, order.ID, client.NewRefund{Amount: 990})
//
// Amounts are integer fen, times are UTC. Whatever goes wrong at the server is an *Error with the
// stable code of its problem+json. Calls that are safe to repeat are repeated when no answer came or
// the failure was a passing one; calls that move money carry an Idempotency-Key, of their own when
// the caller gives none. Give one, from your own records, when you may repeat the call after a crash.
//
// The package needs the standard library only and knows nothing of wxhub's inside, so it can be
// copied. It is for servers: an API key does not belong into a mini-program or a page, for which
// miniprogram beside it has an SDK.
package client

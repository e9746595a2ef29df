// Package pay takes money: it creates orders, opens payments at WeChat Pay, and
// lets nothing but WeChat Pay's verified word say that one is paid.
//
// # How an order lives
//
//	          prepay            verified SUCCESS           verified refunds
//	created ─────────▶ pending ─────────────────▶ paid ─▶ partially_refunded ─▶ refunded
//	   │  └────────────────│──────────────────────▲ ▲
//	   └────────▶ closed ◀─┘                      │ │  a payment can succeed while
//	                 └────────────────────────────┘ │  its order is being closed:
//	                        money came after all    │  money is never swallowed
//
// A payment attempt is created, pending once WeChat Pay has accepted it, and paid, duplicate
// (the order had been paid another way), closed or failed. One by a payer's code can also be
// reversing: codepay.go draws its life.
//
// A refund of one of its payments:
//
//	         accepted              verified
//	created ─────────▶ processing ─────────▶ succeeded
//	   │ └─────────────────│──────────────────▲ ▲
//	   │                   ├────▶ closed      │ │  the money did not move
//	   │                   └────▶ abnormal ───┘ │  an operator sees to it at WeChat Pay
//	   └─────────────▶ failed ──────────────────┘  refused, and asked about: it is not there
//
// Transition tables for orders, payment attempts, combined payments and refunds stand in transition.go, those
// for profit sharings and their returns in profit_transition.go, for transfers, which are an
// aggregate of their own, in transfer_transition.go. They are the only places that allow
// a change of status.
//
// # What makes it safe
//
//   - An order is one aggregate with its attempts and its unsent events. It is
//     replaced only when its version is still the one that was read (update), so a
//     transition and the event that tells of it are durable together or not at all.
//   - Every attempt has its own out_trade_no, made of the order's id and a number, and
//     every refund its own out_refund_no. It is stored before WeChat Pay hears of it, and
//     the order can be found from it without an index.
//   - A call whose outcome is unknown is repeated with the same number and the same
//     values, which WeChat Pay accepts; a number that was refused or closed is never
//     used again.
//   - A notification, a query and a sweep go through the same settle function; so it is
//     with refunds (settleRefund).
//   - A payment that comes after its order was closed settles the order or is given back,
//     as the operator decided (Options.RefundLate). What WeChat Pay signs and is not true of
//     any order is refused each time, and waits in the inbox (server/notify) for an operator.
//   - A payer's code is charged by one call, followed up, and taken back when nobody has
//     decided about it in time. That it will be is stored first, and what is being taken
//     back settles no order (codepay.go).
//   - Orders that are paid together are settled one by one as if each had been paid alone, after
//     what is said of all of them was found true. Each of them can be paid in one way only:
//     whoever opens another closes the whole first (combined.go).
//   - A refund is added to its order by the write that checks that all refunds of the
//     payment together do not exceed it. A second payment of an order gets such a refund
//     by itself.
//   - The parts that a payment is shared into live inside their order like its refunds, and
//     so do the returns of a part: their sums are checked by the write that adds one.
//   - A transfer's number is made of its Idempotency-Key, so the store itself lets a key pay
//     only once.
//   - Which channel, app and openid a method needs is one table (method.go).
//
// Who the payer is in an app is asked from identity through Payers; signatures,
// certificates and decryption belong to wx/wxpay.
package pay

// Package shipping tells WeChat how what was paid for in a mini-program is delivered
// (发货信息录入): until that is told, WeChat withholds many merchants' money.
//
// For an app with upload_shipping_info it happens by itself, in the way that the
// configuration names: the order.paid event, which is durable together with the payment,
// passes Paid on its way to the webhooks and leaves the outbox only when a task is stored.
// So no crash between the two loses it. The task's id is made of WeChat Pay's number of
// the payment: seen twice, it is done once. Parcels, which have tracking numbers, are told
// by the backend (Accept). The order's timeline shows what became of each.
package shipping

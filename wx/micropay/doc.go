// Package micropay charges a payer's code by WeChat Pay's APIv2 (付款码, PROTOCOL §5), for
// merchants to whom APIv3 does not give payments by code: XML, signed with the APIv2 key by
// HMAC-SHA256, and a reversal for which the merchant's certificate is shown. What is paid
// this way can be refunded and appears in bills by APIv3 like anything else.
//
// # Verification
//
// An answer counts when its signature is that of all its fields as they came, known here or
// not (FIELD-NOTES N6), compared in constant time, and when it is about this merchant and
// this number. An answer with return_code FAIL is not signed, so it says only that the
// outcome is not known. XML that WeChat Pay never sends is refused by package flat.
//
// It stands beside package wxpay, which has the same calls by APIv3, with the same meaning
// and the same errors; nothing else of APIv2 is spoken here.
package micropay

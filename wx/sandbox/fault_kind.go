package sandbox

import (
	"slices"
	"strings"
)

// class is what a fault can strike.
type class int

const (
	classWX     class = iota // calls to api.weixin.qq.com
	classV3                  // calls to api.mch.weixin.qq.com
	classNotify              // notifications of payments that the platform sends
	classPush                // messages and events that the platform pushes
	classV2                  // calls to api.mch.weixin.qq.com in XML
)

// Words that match what the platform sends, alone or with a colon and the name of an event.
const (
	notifyMatch = "notify"
	pushMatch   = "push"
)

// isSent tells whether a match or a target is about something sent.
func isSent(match string) bool {
	word, _, _ := strings.Cut(match, ":")
	return word == notifyMatch || word == pushMatch
}

// Kinds of faults. FaultKinds tells what each does.
const (
	faultDelay            = "delay"
	faultDrop             = "drop"
	faultHang             = "hang"
	faultHTTP500          = "http_500"
	faultNotJSON          = "not_json"
	faultSystemError      = "system_error"
	faultSystemErrorAfter = "system_error_after"
	faultFrequencyLimited = "frequency_limited"
	faultNotEnough        = "not_enough"
	faultLostAnswer       = "lost_answer"
	faultTruncate         = "truncate"
	faultBadSignature     = "bad_signature"
	faultSigntest         = "signtest"
	faultUnsigned         = "unsigned"
	faultOldTimestamp     = "old_timestamp"
	faultWrongSerial      = "wrong_serial"
	faultTampered         = "tampered"
	faultDuplicate        = "duplicate"
	faultReplay           = "replay"
	faultWrongAmount      = "wrong_amount"
	faultWrongMchid       = "wrong_mchid"
	faultWrongAppid       = "wrong_appid"
	faultSwapped          = "swapped"
	faultWrongKey         = "wrong_key"
	faultBadNonce         = "bad_nonce"
	faultUnknownEvent     = "unknown_event"
	faultDowngrade        = "downgrade"
)

// FaultKind describes one kind of fault.
type FaultKind struct {
	Kind string `json:"kind"`
	Does string `json:"does"`
	on   []class
}

// FaultKinds lists all kinds of faults in a fixed order.
func FaultKinds() []FaultKind {
	all, calls := []class{classWX, classV3, classV2, classNotify, classPush}, []class{classWX, classV3, classV2}
	signed, notify := []class{classV3, classNotify}, []class{classNotify}
	sent, push, everySigned := []class{classNotify, classPush}, []class{classPush}, []class{classV3, classNotify, classPush}
	return []FaultKind{
		{faultDelay, "answered late, by the wall clock; a notification is put off by the platform's clock", all},
		{faultDrop, "connection closed before the call is carried out; a notification is not sent but counts as failed", all},
		{faultHang, "nothing is carried out and nothing answered until the client gives up or delay is over", calls},
		{faultHTTP500, "a bare HTTP 500 page of the edge; nothing is carried out", calls},
		{faultNotJSON, "HTTP 200 with an HTML page, as from a captive portal; nothing is carried out", calls},
		{faultSystemError, "SYSTEM_ERROR, of APIv2 SYSTEMERROR, or errcode -1; nothing is carried out", calls},
		{faultSystemErrorAfter, "SYSTEM_ERROR or errcode -1 although the call was carried out", calls},
		{faultFrequencyLimited, "FREQUENCY_LIMITED or errcode 45009; nothing is carried out", calls},
		{faultNotEnough, "NOT_ENOUGH, the merchant's balance does not cover the refund; nothing is carried out", []class{classV3}},
		{faultLostAnswer, "the call is carried out and the connection closed without an answer", calls},
		{faultTruncate, "half of the body arrives", all},
		{faultBadSignature, "the signature is well formed and wrong; of an encrypted push msg_signature alone", append([]class{classV2}, everySigned...)},
		{faultSigntest, "a WECHATPAY/SIGNTEST/ probe; of a notification the right copy follows", signed},
		{faultUnsigned, "no Wechatpay-Signature headers", signed},
		{faultOldTimestamp, "correctly signed 6 minutes ago", everySigned},
		{faultWrongSerial, "correctly signed under the name of an unknown key", signed},
		{faultTampered, "the body is altered after signing", signed},
		{faultDuplicate, "sent twice at the same time", sent},
		{faultReplay, "sent, and the same bytes and headers once more after it was received", sent},
		{faultWrongAmount, "correctly signed, with another amount", notify},
		{faultWrongMchid, "correctly signed, with another merchant's id", notify},
		{faultWrongAppid, "correctly signed, with another app's id; of an encrypted push behind the message", sent},
		{faultSwapped, "correctly signed, this transaction under another order's number", notify},
		{faultWrongKey, "correctly signed, the resource or message encrypted with another key", sent},
		{faultBadNonce, "correctly signed, the resource's nonce is not 12 bytes", notify},
		{faultUnknownEvent, "correctly signed, an event_type that nobody knows", notify},
		{faultDowngrade, "a push in plain although the app's mode is safe", push},
	}
}

// fits tells whether the fault's kind has a meaning for the class.
func (f Fault) fits(c class) bool {
	for _, k := range FaultKinds() {
		if k.Kind == f.Kind {
			return slices.Contains(k.on, c)
		}
	}
	return false
}

// classesOf tells what a match can strike at all.
func classesOf(match string) []class {
	switch {
	case strings.HasPrefix(match, notifyMatch):
		return []class{classNotify}
	case strings.HasPrefix(match, pushMatch):
		return []class{classPush}
	case strings.HasPrefix(match, "/v3"):
		return []class{classV3}
	case len(match) < len("/v3") && strings.HasPrefix("/v3", match):
		return []class{classWX, classV3, classV2}
	case isV2(match + "/"):
		return []class{classV2}
	case slices.ContainsFunc(v2Prefixes(), func(prefix string) bool { return strings.HasPrefix(prefix, match) }):
		return []class{classWX, classV2}
	}
	return []class{classWX}
}

func kindsFor(classes []class) []string {
	var kinds []string
	for _, k := range FaultKinds() {
		if slices.ContainsFunc(classes, func(c class) bool { return slices.Contains(k.on, c) }) {
			kinds = append(kinds, k.Kind)
		}
	}
	return kinds
}

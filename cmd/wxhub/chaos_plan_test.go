package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// channel is a way to pay, and whose money it is.
type channel struct {
	merchant, sub string
	method, app   string // app is where the payer is known, "" when nobody asks
	login         bool   // the app's logins hand out a token, so the payer can ask for the prepay
}

// channels are all of them: every method that there is for each kind of merchant. By code is
// told apart, since nobody invokes anything.
var channels = []channel{
	{sandbox.DefaultMerchant, "", "mini_program", sandbox.DefaultMiniProgram, true},
	{sandbox.DefaultMerchant, "", "official_account", sandbox.DefaultOfficialAccount, false},
	{sandbox.DefaultMerchant, "", "app", sandbox.DefaultMobileApp, true},
	{sandbox.DefaultMerchant, "", "native", "", false},
	{sandbox.DefaultMerchant, "", "h5", "", false},
	{sandbox.DefaultMerchant, "", "code", "", false},
	{sandbox.DefaultPartner, sandbox.DefaultSubMerchant, "mini_program", sandbox.DefaultSubMini, true},
	{sandbox.DefaultPartner, sandbox.DefaultSubMerchant, "official_account", sandbox.DefaultPartnerAccount, false},
	{sandbox.DefaultPartner, sandbox.DefaultSubMerchant, "app", sandbox.DefaultSubMobile, true},
	{sandbox.DefaultPartner, sandbox.DefaultSubMerchant, "native", "", false},
	{sandbox.DefaultPartner, sandbox.DefaultSubMerchant, "h5", "", false},
	{sandbox.DefaultPartner, sandbox.DefaultSubMerchant, "code", "", false},
	{sandbox.DefaultPartner, sandbox.DefaultPlainSubMerchant, "official_account", sandbox.DefaultPartnerAccount, false},
	{sandbox.DefaultPartner, sandbox.DefaultPlainSubMerchant, "native", "", false},
	{sandbox.DefaultPartner, sandbox.DefaultPlainSubMerchant, "h5", "", false},
}

// What a payer does with an open payment.
const (
	actPays       = "pays"
	actTwice      = "pays on two channels at once"
	actCloses     = "pays while it is closed"
	actClosed     = "is too late"
	actRepeats    = "asks for the prepay many times at once, and pays"
	actHesitates  = "cancels, has too little money, and pays"
	actCancels    = "cancels"
	actLeaves     = "leaves"
	actForges     = "forges the notification and leaves"
	actForgesPays = "forges another's notification and pays"
)

var acts = weighted[string]{
	{40, actPays}, {10, actTwice}, {10, actCloses}, {5, actClosed}, {8, actRepeats}, {7, actHesitates}, {4, actCancels}, {6, actLeaves}, {5, actForges}, {5, actForgesPays},
}

// What a payer's code leads to, and what is answered when it asks for the password.
type codeFate struct{ outcome, answer string }

var codeFates = weighted[codeFate]{
	{60, codeFate{outcome: "success"}}, {12, codeFate{"password", "success"}}, {6, codeFate{"password", "cancel"}}, {3, codeFate{"password", ""}},
	{6, codeFate{outcome: "not_enough"}}, {6, codeFate{outcome: "bank_error"}}, {7, codeFate{outcome: "system_error"}},
}

// What goes wrong beside the faults of messages, while a request of the sale is under way.
const (
	nothing  = ""
	killed   = "kill -9"
	flushed  = "FLUSHALL"
	switched = "key switch"
	rotated  = "certificate rotation"
)

var disasters = weighted[string]{{940, nothing}, {25, killed}, {20, flushed}, {10, switched}, {5, rotated}}

// How the refunds of an order end at WeChat Pay.
var refundEnds = weighted[string]{{90, sandbox.RefundSuccess}, {5, sandbox.RefundClosed}, {5, sandbox.RefundAbnormal}}

// What happens to notifications and to calls.
var (
	notifyFaults = []string{
		"drop", "duplicate", "replay", "delay", "wrong_amount", "wrong_mchid", "wrong_appid", "swapped", "tampered", "bad_signature", "signtest",
		"old_timestamp", "unknown_event", "wrong_key", "truncate", "unsigned", "bad_nonce", "wrong_serial",
	}
	callFaults = []string{
		"system_error", "system_error_after", "lost_answer", "truncate", "bad_signature", "signtest", "http_500", "not_json", "frequency_limited",
		"tampered", "unsigned", "drop", "delay", "wrong_serial", "old_timestamp",
	}
)

// plan is one sale, and all that goes wrong with it. It follows from the seed and the
// sale's number alone, whoever plays it and whenever.
type plan struct {
	number   int
	channel  channel
	payer    int
	amount   int64 // fen
	by       bool  // the payer asks for the prepay, not the backend
	act      string
	other    channel // of actTwice
	together int     // orders that are paid together; 1 is one by itself
	fate     codeFate
	refunds  []int64 // fen, one after the other
	end      string  // how they end
	faults   []sandbox.Fault
	disaster string
	child    int           // whom it meets
	at       int           // the request of the sale during which it strikes
	after    time.Duration // how far into it
}

type weighted[T any] []struct {
	weight int
	value  T
}

func (w weighted[T]) draw(dice *rand.Rand) T {
	total := 0
	for _, v := range w {
		total += v.weight
	}
	roll := dice.IntN(total)
	for _, v := range w {
		if roll -= v.weight; roll < 0 {
			return v.value
		}
	}
	panic("the weights do not add up")
}

const chaosPayers = 12

// planOf draws a sale. All is drawn in every case, so that one choice does not shift the others.
func planOf(seed uint64, number int) plan {
	dice := rand.New(rand.NewPCG(seed, uint64(number))) //nolint:gosec // a test that can be repeated
	p := plan{
		number: number, channel: channels[dice.IntN(len(channels))], payer: dice.IntN(chaosPayers), amount: 100 + dice.Int64N(90_000),
		by: dice.IntN(2) == 0, act: acts.draw(dice), fate: codeFates.draw(dice), end: refundEnds.draw(dice),
		disaster: disasters.draw(dice), child: dice.IntN(2), at: dice.IntN(3), after: time.Duration(dice.IntN(20)) * time.Millisecond,
	}
	p.other = channel{p.channel.merchant, p.channel.sub, "native", "", false}
	if p.channel.method == "native" {
		p.other.method = "h5"
	}
	if p.together = 1; dice.IntN(10) == 0 && p.channel.method != "code" {
		p.together = 2 + dice.IntN(3)
	}
	for range dice.IntN(4) - 1 { // half of them give nothing back
		p.refunds = append(p.refunds, 1+dice.Int64N(p.amount))
	}
	for _, f := range []struct {
		match string
		kinds []string
	}{{"notify", notifyFaults}, {"/v3/pay", callFaults}, {"/v3/refund", callFaults}, {"/v3/combine", callFaults}} {
		if dice.IntN(100) < 35 && (f.match != "/v3/combine" || p.together > 1) {
			p.faults = append(p.faults, sandbox.Fault{Match: f.match, Kind: f.kinds[dice.IntN(len(f.kinds))], Times: 1, Delay: 40 * time.Millisecond})
		}
	}
	for i := range p.faults {
		if p.faults[i].Match == "notify" {
			p.faults[i].Delay = 10 * time.Minute // of the platform's clock: it comes when all is over
		}
	}
	return p
}

// Two runs with one seed do the same; with another, something else.
func TestChaosFollowsFromItsSeed(t *testing.T) {
	text := func(seed uint64) (all []string) {
		for i := range 500 {
			all = append(all, fmt.Sprintf("%+v", planOf(seed, i)))
		}
		return all
	}
	a := text(7)
	if !slices.Equal(a, text(7)) {
		t.Error("one seed, two plans")
	}
	if slices.Equal(a, text(8)) {
		t.Error("two seeds, one plan")
	}
	slices.Sort(a)
	if n := len(slices.Compact(a)); n < 500 {
		t.Errorf("of 500 sales %d are different", n)
	}
}

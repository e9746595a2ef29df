package sandbox

import (
	"maps"
	"net/netip"
	"strconv"
	"time"
	"unicode/utf8"
)

// v2Stamp is the form of times, in Beijing.
const v2Stamp = "20060102150405"

var beijing = time.FixedZone("CST", 8*3600)

// micropay charges a payment code for APIv2, on the same book as codePay.
func (p *Platform) micropay(in *v2Call) ([]v2Field, error) {
	if err := checkMicropay(in.values); err != nil {
		return nil, err
	}
	v := in.values
	total, err := strconv.ParseInt(v["total_fee"], 10, 64)
	if err != nil || total < 1 || total > maxV2Total || v["total_fee"][0] == '+' {
		return nil, v2Bad("total_fee")
	}
	expires, failed := p.v2Expiry(v)
	if failed != nil {
		return nil, failed
	}
	order, refused := p.book.charge(Order{
		MchID: in.merchant.ID, AppID: v["appid"], SubMchID: v["sub_mch_id"], SubAppID: v["sub_appid"], OutTradeNo: v["out_trade_no"],
		TradeType: TradeMicropay, Description: v["body"], Attach: v["attach"], Total: total, DeviceID: v["device_info"],
		LastPayment: expires, profitSharing: v["profit_sharing"] == "Y", parameters: v2Parameters(v),
	}, v["auth_code"])
	switch {
	case refused != nil:
		return nil, micropayError(refused)
	case order.State == StateUserPaying: // Behaviour.UserPaying is about APIv3
		return nil, &v2Error{code: "USERPAYING", text: "需要用户输入支付密码"}
	}
	return p.v2Paid(nil, order), nil
}

// maxV2Total is what fits the platform's int.
const maxV2Total = 1<<31 - 1

// micropayError gives two refusals of the book the names that they have here.
func micropayError(refused *Refusal) *v2Error {
	switch refused.Code {
	case "OUT_TRADE_NO_USED", "ORDERPAID", "ORDER_PAID":
		return &v2Error{code: "ORDERPAID", text: "该订单已支付"}
	case "INVALID_REQUEST": // a known number with other parameters
		return &v2Error{code: "OUT_TRADE_NO_USED", text: "商户订单号重复"}
	}
	return v2ErrorOf(refused)
}

// checkMicropay checks every field but the amount and the times.
func checkMicropay(v v2Values) error {
	for _, name := range []string{"body", "out_trade_no", "total_fee", "spbill_create_ip", "auth_code"} {
		if v[name] == "" {
			return v2Lacks(name)
		}
	}
	for name, most := range map[string]int{"body": 127, "attach": 127, "device_info": 32, "goods_tag": 32, "spbill_create_ip": 64} {
		if utf8.RuneCountInString(v[name]) > most {
			return v2Bad(name)
		}
	}
	_, badIP := netip.ParseAddr(v["spbill_create_ip"])
	switch {
	case badIP != nil:
		return v2Bad("spbill_create_ip")
	case len(v["detail"]) > maxDetailBytes:
		return v2Bad("detail")
	case checkNumber(v["out_trade_no"]) != nil:
		return v2Bad("out_trade_no")
	case v["fee_type"] != "" && v["fee_type"] != "CNY":
		return v2Bad("fee_type")
	case !isPayCode(v["auth_code"]):
		return &v2Error{code: "AUTH_CODE_INVALID", text: "请扫描微信支付授权码(以10/11/12/13/14/15为前缀的18位数字)"}
	}
	return nil
}

// v2Expiry is time_expire, at least a minute from now and after time_start.
func (p *Platform) v2Expiry(v v2Values) (time.Time, error) {
	now := p.clock.now()
	expires, start := now.Add(orderLife), now
	for name, at := range map[string]*time.Time{"time_expire": &expires, "time_start": &start} {
		if v[name] == "" {
			continue
		}
		parsed, err := time.ParseInLocation(v2Stamp, v[name], beijing)
		if err != nil {
			return now, v2Bad(name)
		}
		*at = parsed
	}
	if v["time_expire"] != "" && v["time_start"] != "" && expires.Sub(start) < time.Minute {
		return now, v2Bad("time_expire")
	}
	if soonest := now.Add(time.Minute); expires.Before(soonest) {
		return soonest, nil
	}
	return expires, nil
}

// v2Parameters is what must stay the same when a number comes again. Another code may pay the same order.
func v2Parameters(v v2Values) string {
	kept := maps.Clone(v)
	for _, name := range []string{"auth_code", "nonce_str", "sign", "sign_type"} {
		delete(kept, name)
	}
	return TradeMicropay + " v2 " + string(encode(kept))
}

// v2Paid adds what payment fills.
func (p *Platform) v2Paid(fields []v2Field, o Order) []v2Field {
	total := strconv.FormatInt(o.Total, 10)
	fields = addV2(fields, "device_info", o.DeviceID)
	fields = append(fields, v2Field{"openid", o.OpenID}, v2Field{"is_subscribe", p.follows(o.AppID, o.payer)})
	if o.SubAppID != "" {
		fields = append(fields, v2Field{"sub_openid", o.SubOpenID}, v2Field{"sub_is_subscribe", p.follows(o.SubAppID, o.payer)})
	}
	fields = append(fields,
		v2Field{"trade_type", o.TradeType}, v2Field{"bank_type", o.BankType}, v2Field{"fee_type", "CNY"}, v2Field{"total_fee", total},
		v2Field{"cash_fee_type", "CNY"}, v2Field{"cash_fee", total}, v2Field{"transaction_id", o.TransactionID}, v2Field{"out_trade_no", o.OutTradeNo})
	fields = addV2(fields, "attach", o.Attach)
	return append(fields, v2Field{"time_end", o.PaidAt.In(beijing).Format(v2Stamp)})
}

func (p *Platform) follows(app, user string) string {
	if _, yes := p.audience.find(app, user); yes {
		return "Y"
	}
	return "N"
}

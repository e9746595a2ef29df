package sandbox

import (
	"strings"
	"time"
)

// checkNumber holds length and alphabet of out_trade_no, in bodies and in paths.
func checkNumber(number string) *Refusal {
	if n := len(number); n >= 6 && n <= 32 && strings.Trim(number, alnum+"_-|*") == "" {
		return nil
	}
	return paramError(internalParamInvalid, "商户订单号只能是6到32个数字、大小写字母_-|*", detailOf("/out_trade_no", "bad characters"))
}

// lastPayment reads time_expire. Absent: seven days; sooner than in a minute: raised to a minute.
func (p *Platform) lastPayment(text string) (time.Time, *Refusal) {
	now := p.clock.now()
	if text == "" {
		return now.Add(orderLife), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || len(text) != len("2006-01-02T15:04:05Z") && len(text) != len("2006-01-02T15:04:05+08:00") {
		return now, paramError(internalParamInvalid, "time_expire格式错误，应为yyyy-MM-DDTHH:mm:ss+TIMEZONE", detailOf("/time_expire", "bad format"))
	}
	if soonest := now.Add(time.Minute); at.Before(soonest) {
		return soonest, nil
	}
	return at, nil
}

package config

import "time"

// billsFrom is when WeChat Pay has made the bills of the day before, in China (PROTOCOL §2.7).
const billsFrom = "10:00"

// Off switches a job off that has a time of day. An empty environment variable would mean the default.
const Off = "off"

// timeOfDay checks when in China bills are compared.
func (r *report) timeOfDay(key, text string) {
	if text == "" || text == Off {
		return
	}
	if _, err := time.Parse("15:04", text); err != nil || len(text) != len(billsFrom) {
		r.fault(key, `must be a time of day in China such as "10:30", in quotes, or off`)
		return
	}
	if text < billsFrom {
		r.fault(key, `is before %s in China, when WeChat Pay has made the bills; use "10:30"`, billsFrom)
	}
}

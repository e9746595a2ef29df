package reconcile

import (
	"time"

	"wxhub/model"
)

// China is the zone of WeChat Pay's days. It has no summer time.
var China = time.FixedZone("UTC+8", 8*60*60)

// keptMonths is how long WeChat Pay gives bills out (PROTOCOL §2.7).
const keptMonths = 3

// Day is a day in China.
type Day struct{ from time.Time }

// DayOf is the day that a moment belongs to.
func DayOf(at time.Time) Day {
	y, m, d := at.In(China).Date()
	return Day{time.Date(y, m, d, 0, 0, 0, 0, China)}
}

// ParseDay reads a day such as 2006-01-02. It must be over in China. Errors: invalid_input.
func ParseDay(text string, now time.Time) (Day, error) {
	at, err := time.ParseInLocation(time.DateOnly, text, China)
	if err != nil {
		return Day{}, model.InvalidField("date", "must be a day such as 2006-01-02")
	}
	d := Day{at}
	if !d.Until().Before(now) {
		return d, model.InvalidField("date", "must be over in China: WeChat Pay makes the bill of a day on the next one, after 10:00")
	}
	return d, nil
}

// Available refuses a day whose bill WeChat Pay does not give out any more. Errors: invalid_input.
func (d Day) Available(now time.Time) error {
	if d.from.Before(DayOf(now).from.AddDate(0, -keptMonths, 0)) {
		return model.InvalidField("date", "is more than %d months ago: WeChat Pay does not give out the bill any more; pass one that was kept with --file", keptMonths)
	}
	return nil
}

// From is the first moment of the day.
func (d Day) From() time.Time { return d.from.UTC() }

// Until is the first moment after it.
func (d Day) Until() time.Time { return d.from.AddDate(0, 0, 1).UTC() }

// Before is the day before.
func (d Day) Before() Day { return Day{d.from.AddDate(0, 0, -1)} }

// Contains reports whether a moment belongs to the day.
func (d Day) Contains(at time.Time) bool { return !at.Before(d.From()) && at.Before(d.Until()) }

// String is such as 2006-01-02.
func (d Day) String() string { return d.from.Format(time.DateOnly) }

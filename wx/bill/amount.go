package bill

import (
	"errors"
	"math"
	"strings"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// china is the zone of every time in a bill. It has no summer time.
var china = time.FixedZone("UTC+8", 8*60*60)

const decimals = 5 // of an amount; fees have that many

var (
	errAmount = errors.New("not an amount in yuan")
	errFen    = errors.New("less than a fen")
	errTime   = errors.New("not a time such as 2006-01-02 15:04:05")
)

// yuan reads an amount in yuan with at most five decimals; further ones must be zeros. An empty
// cell is zero.
func yuan(text string) (wx.Fee, error) {
	if text == "" {
		return 0, nil
	}
	digits, negative := strings.CutPrefix(text, "-")
	whole, fraction, point := strings.Cut(digits, ".")
	if whole == "" || point && fraction == "" || len(whole) > 12 {
		return 0, errAmount
	}
	var n int64
	for _, c := range []byte(whole) {
		if c < '0' || c > '9' {
			return 0, errAmount
		}
		n = n*10 + int64(c-'0')
	}
	for i := range max(decimals, len(fraction)) {
		c := byte('0')
		if i < len(fraction) {
			c = fraction[i]
		}
		if c < '0' || c > '9' || i >= decimals && c != '0' {
			return 0, errAmount
		}
		if i < decimals {
			n = n*10 + int64(c-'0')
		}
	}
	if negative {
		n = -n
	}
	return wx.Fee(n), nil
}

// fen turns an amount into fen, of which it must be a whole number.
func fen(amount wx.Fee) (model.Fen, error) {
	if amount%1000 != 0 {
		return 0, errFen
	}
	return model.Fen(amount / 1000), nil
}

// plus adds without running over.
func plus(a, b wx.Fee) (wx.Fee, error) {
	if b > 0 && a > math.MaxInt64-b || b < 0 && a < math.MinInt64-b {
		return 0, errors.New("the sum of the column is too large")
	}
	return a + b, nil
}

// clock reads a time in China.
func clock(text string) (time.Time, error) {
	at, err := time.ParseInLocation(time.DateTime, text, china)
	if err != nil {
		return time.Time{}, errTime
	}
	return at.UTC(), nil
}

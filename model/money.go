package model

import "fmt"

// Fen is an amount of money in fen (1/100 yuan). There is no float on any money path.
type Fen int64

// CNY is the only currency that WeChat Pay settles for domestic merchants.
const CNY = "CNY"

// MaxAmount is the largest order wxhub accepts, in fen (10 million yuan: the
// platform's own ceiling for one order, PROTOCOL §2.5).
const MaxAmount Fen = 1_000_000_000

// String gives yuan with two decimals, for people: Fen(1990) is "19.90".
func (f Fen) String() string {
	sign := ""
	if f < 0 {
		sign, f = "-", -f
	}
	return fmt.Sprintf("%s%d.%02d", sign, int64(f)/100, int64(f)%100)
}

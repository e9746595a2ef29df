package h5

import (
	"regexp"
	"strconv"
	"strings"

	"wxhub/model"
)

// yuanShape is an amount as people type it: yuan, and at most two decimals.
var yuanShape = regexp.MustCompile(`^(0|[1-9][0-9]{0,9})(\.([0-9]{0,2}))?$`)

var errYuan = model.InvalidField("amount", "must be an amount in yuan with at most two decimals, such as 12.50")

// parseYuan reads what a payer typed as fen, digit by digit: no float is ever on the way.
func parseYuan(text string) (model.Fen, error) {
	m := yuanShape.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return 0, errYuan
	}
	fen, err := strconv.ParseInt(m[1]+(m[3] + "00")[:2], 10, 64)
	if err != nil {
		return 0, errYuan
	}
	return model.Fen(fen), nil
}

// parseFen reads an amount from a link: whole fen. ok is false for anything else.
func parseFen(text string) (fen model.Fen, ok bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return model.Fen(n), err == nil && n > 0 && model.Fen(n) <= model.MaxAmount && strconv.FormatInt(n, 10) == text
}

package api

import (
	"encoding/json"
	"mime"
	"regexp"
	"strconv"
	"strings"

	"wxhub/model"
	"wxhub/wx"
)

// Codes says what an errcode means for one call. What it does not name means the same
// for every call.
type Codes map[int64]*model.Error

// common are the errcodes that say the same whatever was called.
var common = Codes{
	-1:    wx.ErrBusy,
	45009: wx.ErrRateLimited,
	45011: wx.ErrRateLimited,
}

// maxMessage bounds what is kept of WeChat's words, in bytes.
const maxMessage = 512

// rid is WeChat's request id at the end of an errmsg; the sns calls have the older form.
var rid = regexp.MustCompile(`(?:rid|req_id): ?([A-Za-z0-9_-]{1,64})`)

// Refusal turns an errcode into an error of ours with WeChat's words in it. Should they
// quote one of the secrets that were sent, it is blotted out.
func Refusal(code int64, message string, codes Codes, sent ...model.Secret) *model.Error {
	base, ok := codes[code]
	if !ok {
		base, ok = common[code]
	}
	if !ok {
		base = wx.ErrRejected
	}
	u := model.Upstream{Service: "wechat", Code: strconv.FormatInt(code, 10)}
	if id := rid.FindStringSubmatch(message); id != nil {
		u.RequestID = id[1]
	}
	for _, secret := range sent {
		if !secret.IsZero() {
			message = strings.ReplaceAll(message, secret.Reveal(), secret.String())
			u.RequestID = strings.ReplaceAll(u.RequestID, secret.Reveal(), secret.String())
		}
	}
	u.Message = strings.ToValidUTF8(message[:min(len(message), maxMessage)], "")
	return wx.Refused(base, u)
}

// verdict is what every answer may hold.
type verdict struct {
	ErrCode int64  `json:"errcode"`
	ErrMsg  string `json:"errmsg"`
}

// refusedToken reads the errcode of an answer. WeChat often sends JSON as text/plain,
// so only what is clearly something else is not looked at.
func refusedToken(a wx.Answer) bool {
	kind, _, _ := mime.ParseMediaType(a.ContentType)
	if len(a.Body) > 4096 || strings.HasPrefix(kind, "image/") || strings.HasPrefix(kind, "audio/") || strings.HasPrefix(kind, "video/") {
		return false
	}
	var v verdict
	if json.Unmarshal(a.Body, &v) != nil {
		return false
	}
	return v.ErrCode == 40001 || v.ErrCode == 40014 || v.ErrCode == 42001
}

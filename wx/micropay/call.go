package micropay

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/flat"
	"wxhub/wx/transport"
)

const (
	host = "https://api.mch.weixin.qq.com"
	// maxAnswer is more than an answer has: promotion_detail alone may have 6000 characters.
	maxAnswer = 64 << 10
)

// post makes one signed call and returns the verified fields of its answer, whose
// result_code may be FAIL.
//
// Errors: wx.ErrBusy, wx.ErrForged, wx.ErrTimeout.
func (g *Gateway) post(ctx context.Context, m Merchant, path string, t wx.CodeTrade, more fields) (fields, error) {
	request := fields{
		"appid": t.AppID, "mch_id": m.ID, "sub_appid": t.SubAppID, "sub_mch_id": t.SubMerchantID,
		"out_trade_no": t.OutTradeNo, "sign_type": "HMAC-SHA256",
	}
	maps.Copy(request, more)
	nonce := make([]byte, 16)
	if _, err := io.ReadFull(g.entropy, nonce); err != nil {
		return nil, err
	}
	request["nonce_str"] = hex.EncodeToString(nonce)
	request["sign"] = sign(request, m.Key)
	body, err := send(ctx, m.Client, path, write(request))
	if err != nil {
		return nil, err
	}
	answer, err := read(body)
	if err != nil {
		return nil, wx.ErrForged.Because(err)
	}
	return answer, verify(answer, m, t)
}

// send posts a body and reads what comes back, of whatever status: APIv2 answers 200.
func send(ctx context.Context, client *http.Client, path string, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, host+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "text/xml; charset=utf-8")
	r.Header.Set("User-Agent", "wxhub")
	answer, err := client.Do(r)
	if err != nil {
		return nil, wx.Silent(transport.Cause(err))
	}
	defer func() { _ = answer.Body.Close() }() // it was read, or is of no use
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, wx.Silent(transport.Cause(err))
	case answer.StatusCode != http.StatusOK:
		return nil, wx.ErrBusy.Because(errors.New(answer.Status))
	}
	return text, nil
}

// write makes the XML of a request, its fields in the order of their names.
func write(f fields) []byte {
	var out bytes.Buffer
	out.WriteString("<xml>")
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if f[name] == "" {
			continue
		}
		out.WriteString("<" + name + ">")
		_ = xml.EscapeText(&out, []byte(f[name])) // a buffer takes everything
		out.WriteString("</" + name + ">")
	}
	out.WriteString("</xml>")
	return out.Bytes()
}

// read reads an answer strictly. Its errors quote nothing of it.
func read(body []byte) (fields, error) {
	if len(body) > maxAnswer {
		return nil, errors.New("the answer is too large")
	}
	if !utf8.Valid(body) {
		return nil, errors.New("the answer is not UTF-8")
	}
	return flat.Read(bytes.TrimSpace(body), 2)
}

// verify believes an answer, or says why not. What is not signed says no more than that
// the call failed.
func verify(answer fields, m Merchant, t wx.CodeTrade) error {
	if answer["return_code"] != "SUCCESS" {
		return wx.Refused(wx.ErrBusy.Because(errors.New("return_code is not SUCCESS; such an answer is not signed")), model.Upstream{
			Service: "wechat_pay", Code: short(answer["return_code"]), Message: short(answer["return_msg"]),
		})
	}
	if !signed(answer, m.Key) {
		return wx.ErrForged.Because(errors.New("the signature of an APIv2 answer is wrong"))
	}
	own := answer["mch_id"] == m.ID && answer["appid"] == t.AppID && answer["sub_mch_id"] == t.SubMerchantID
	number := answer["out_trade_no"]
	if !own || number != "" && number != t.OutTradeNo {
		return wx.ErrForged.Because(errElse)
	}
	return nil
}

// short bounds what an unsigned answer puts into a log.
func short(s string) string {
	if len(s) > 200 {
		s = s[:200]
	}
	return strings.ToValidUTF8(s, "")
}

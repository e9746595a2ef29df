package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"wxhub/model"
	"wxhub/wx"
)

// Get calls path and decodes the JSON that WeChat answers into into. sent are secrets of
// the query, which no error may repeat.
//
// Errors: those of Do; what codes makes of WeChat's errcode; else wx.ErrRateLimited
// (45009, 45011), wx.ErrBusy (-1, or an answer that is not JSON), wx.ErrRejected.
func (c *Client) Get(ctx context.Context, appID, path string, query url.Values, into any, codes Codes, sent ...model.Secret) error {
	return c.call(ctx, appID, wx.Call{Method: http.MethodGet, Path: path, Query: query}, into, codes, sent)
}

// Post sends body as JSON. Otherwise it is Get.
func (c *Client) Post(ctx context.Context, appID, path string, body, into any, codes Codes, sent ...model.Secret) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // WeChat wants the characters themselves (40033)
	if err := encoder.Encode(body); err != nil {
		return err
	}
	call := wx.Call{Method: http.MethodPost, Path: path, ContentType: "application/json", Body: text.Bytes()}
	return c.call(ctx, appID, call, into, codes, sent)
}

func (c *Client) call(ctx context.Context, appID string, call wx.Call, into any, codes Codes, sent []model.Secret) error {
	a, token, err := c.do(ctx, appID, call)
	if err != nil {
		return err
	}
	if a.Status != http.StatusOK {
		return wx.ErrBusy.Because(fmt.Errorf("WeChat answered HTTP %d", a.Status))
	}
	if !isObject(a.Body) {
		return wx.ErrBusy.Because(errors.New("WeChat answered something that is not a JSON object"))
	}
	var v verdict
	if json.Unmarshal(a.Body, &v) != nil {
		return wx.ErrBusy.Because(errors.New("WeChat answered something that is not JSON"))
	}
	if v.ErrCode != 0 {
		return Refusal(v.ErrCode, v.ErrMsg, codes, append(sent[:len(sent):len(sent)], token)...)
	}
	if err := json.Unmarshal(a.Body, into); err != nil {
		// The decoder's error may quote the answer.
		return wx.ErrBusy.Because(fmt.Errorf("the answer to %s has another shape than documented", call.Path))
	}
	return nil
}

func isObject(body []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{"))
}

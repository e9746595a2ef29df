package login

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wxhub/identity"
	"wxhub/server/edge"
)

// mountMini adds what WeChat vouches for in a mini-program.
func (h handlers) mountMini(api huma.API) {
	add := func(op huma.Operation) huma.Operation {
		op.Method, op.Tags, op.Security = http.MethodPost, []string{"login"}, edge.User()
		op.Errors = append(op.Errors, 409, 429, 502, 504)
		return op
	}
	edge.Register(api, add(huma.Operation{
		OperationID: "phone", Path: "/v1/me/phone", Summary: "Record the user's phone number",
		Description: "code is what the getPhoneNumber button gave, not the code of wx.login. It works once and for five minutes.",
	}), h.phone)
	edge.Register(api, add(huma.Operation{
		OperationID: "decrypt", Path: "/v1/me/decrypt", Summary: "Open encrypted data of a mini-program",
		Description: "Decrypts with the session_key, which stays here, and checks the watermark. The data are not authenticated: show them, do not trust them. session_key_stale means: call wx.login, log in, and get fresh data.",
	}), h.decrypt)
	edge.Register(api, add(huma.Operation{
		OperationID: "checkSessionKey", Path: "/v1/me/session-key/check", Summary: "Ask WeChat whether the session_key is still good",
	}), h.checkSessionKey)
	edge.Register(api, add(huma.Operation{
		OperationID: "resetSessionKey", Path: "/v1/me/session-key/reset", Summary: "Have WeChat replace the session_key", DefaultStatus: http.StatusNoContent,
	}), h.resetSessionKey)
}

func (h handlers) phone(ctx context.Context, in *codeInput) (*userOutput, error) {
	return user(h.identity.Phone(ctx, edge.CallerOf(ctx).Session, in.Body.AppID, in.Body.Code))
}

type decryptInput struct {
	Body struct {
		AppID         string `json:"app_id" minLength:"1" maxLength:"64"`
		EncryptedData string `json:"encrypted_data" minLength:"1" maxLength:"65536" doc:"base64"`
		IV            string `json:"iv" minLength:"1" maxLength:"64" doc:"base64"`
		RawData       string `json:"raw_data,omitempty" maxLength:"65536" doc:"with signature, when the mini-program has them"`
		Signature     string `json:"signature,omitempty" pattern:"^[0-9a-f]{40}$" patternDescription:"40 hex digits" doc:"of raw_data; checked when given"`
	}
}

type decryptOutput struct {
	Body map[string]any
}

func (h handlers) decrypt(ctx context.Context, in *decryptInput) (*decryptOutput, error) {
	b := in.Body
	plain, err := h.identity.Decrypt(ctx, edge.CallerOf(ctx).Session, b.AppID, identity.Sealed{
		EncryptedData: b.EncryptedData, IV: b.IV, RawData: b.RawData, Signature: b.Signature,
	})
	if err != nil {
		return nil, err
	}
	out := &decryptOutput{}
	return out, json.Unmarshal(plain, &out.Body)
}

type appInput struct {
	Body struct {
		AppID string `json:"app_id" minLength:"1" maxLength:"64" doc:"the mini-program"`
	}
}

type validOutput struct {
	Body struct {
		Valid bool `json:"valid"`
	}
}

func (h handlers) checkSessionKey(ctx context.Context, in *appInput) (*validOutput, error) {
	valid, err := h.identity.SessionKeyValid(ctx, edge.CallerOf(ctx).Session, in.Body.AppID)
	out := &validOutput{}
	out.Body.Valid = valid
	return out, err
}

func (h handlers) resetSessionKey(ctx context.Context, in *appInput) (*struct{}, error) {
	return nil, h.identity.ResetSessionKey(ctx, edge.CallerOf(ctx).Session, in.Body.AppID)
}

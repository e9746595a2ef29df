package identity

import (
	"context"
	"encoding/json"
	"errors"

	"wxhub/model"
	"wxhub/wx"
)

// errNotThere: the user never came through this mini-program.
var errNotThere = model.NewError(model.KindInvalid, "user_not_in_app", "the user never logged in through this mini-program; call wx.login in it first")

// Phone records the phone number of a user, which WeChat gives for the code of the
// getPhoneNumber button.
//
// Errors: invalid_input, user_not_in_app; those of wx/mini.Client.PhoneNumber.
func (s *Service) Phone(ctx context.Context, session model.Session, appID, code string) (Person, error) {
	openID, err := s.miniOpenID(ctx, session, appID)
	if err != nil {
		return Person{}, err
	}
	phone, err := s.MiniPrograms.PhoneNumber(ctx, appID, code, openID)
	if err != nil {
		return Person{}, err
	}
	for {
		r, err := s.known(ctx, session.UserID)
		if err != nil {
			return Person{}, err
		}
		if r.erased() {
			return Person{}, ErrNoSession
		}
		r.Phone, r.PhoneAt = phone.Number, s.now()
		err = s.Store.ReplaceUser(ctx, r.User)
		if errors.Is(err, model.ErrStale) {
			continue
		}
		if err != nil {
			return Person{}, err
		}
		return s.person(ctx, r.User)
	}
}

// Sealed is what wx.getUserInfo and the like give a mini-program: encrypted under the
// session_key, and, for some, in the open with a signature.
type Sealed struct {
	EncryptedData string
	IV            string
	RawData       string // with Signature, or both empty
	Signature     string
}

// Decrypt opens encrypted data of a mini-program for the user that they belong to. They
// are not authenticated, so nothing of them is recorded.
//
// Errors: invalid_input, user_not_in_app, session_key_stale.
func (s *Service) Decrypt(ctx context.Context, session model.Session, appID string, data Sealed) (json.RawMessage, error) {
	openID, key, err := s.sessionKey(ctx, session, appID)
	if err != nil {
		return nil, err
	}
	if data.Signature != "" && !s.MiniPrograms.SignedBy(key, data.RawData, data.Signature) {
		return nil, wx.ErrSessionKeyStale
	}
	plain, err := s.MiniPrograms.Decrypt(key, appID, data.EncryptedData, data.IV)
	if err != nil {
		return nil, err
	}
	var about struct {
		OpenID string `json:"openId"`
	}
	if json.Unmarshal(plain, &about) == nil && about.OpenID != "" && about.OpenID != openID {
		return nil, model.InvalidField("encrypted_data", "belongs to another user")
	}
	return plain, nil
}

// SessionKeyValid asks WeChat whether the session_key that wxhub holds is still good.
//
// Errors: invalid_input, user_not_in_app; those of wx/mini.Client.CheckSession.
func (s *Service) SessionKeyValid(ctx context.Context, session model.Session, appID string) (bool, error) {
	openID, key, err := s.sessionKey(ctx, session, appID)
	if errors.Is(err, wx.ErrSessionKeyStale) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return s.MiniPrograms.CheckSession(ctx, appID, openID, key)
}

// ResetSessionKey has WeChat replace the session_key.
//
// Errors: invalid_input, user_not_in_app, session_key_stale; those of
// wx/mini.Client.ResetSessionKey.
func (s *Service) ResetSessionKey(ctx context.Context, session model.Session, appID string) error {
	openID, key, err := s.sessionKey(ctx, session, appID)
	if err != nil {
		return err
	}
	fresh, err := s.MiniPrograms.ResetSessionKey(ctx, appID, openID, key)
	if err != nil {
		return err
	}
	return s.Sessions.SaveSessionKey(ctx, appID, openID, fresh, sessionKeyTTL)
}

// miniOpenID returns the user's openid in a mini-program: the one of this session when
// it was opened there.
func (s *Service) miniOpenID(ctx context.Context, session model.Session, appID string) (string, error) {
	if _, err := s.app(appID, model.MiniProgram, "a mini-program"); err != nil {
		return "", err
	}
	if session.AppID == appID {
		return session.OpenID, nil
	}
	openID, err := s.OpenID(ctx, session.UserID, appID)
	if errors.Is(err, errNoOpenID) {
		return "", errNotThere
	}
	return openID, err
}

func (s *Service) sessionKey(ctx context.Context, session model.Session, appID string) (string, model.Secret, error) {
	openID, err := s.miniOpenID(ctx, session, appID)
	if err != nil {
		return "", "", err
	}
	key, err := s.Sessions.SessionKey(ctx, appID, openID)
	if errors.Is(err, model.ErrNotFound) {
		return "", "", wx.ErrSessionKeyStale
	}
	return openID, key, err
}

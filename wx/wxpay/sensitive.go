package wxpay

import (
	"context"
	"errors"

	"github.com/wechatpay-apiv3/wechatpay-go/core/cipher/ciphers"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"wxhub/wx"
)

// Names, numbers of identity cards and the like go to WeChat Pay encrypted with the key that
// Wechatpay-Serial names (PROTOCOL §1.4): the public key of a merchant that has one, else
// the newest platform certificate. The SDK sets that header to whatever GetAcceptSerial says
// when the request leaves, which after a renewal is another than what it was encrypted
// with. So one serial is chosen before both, and kept in the context of the call.

type serialKey struct{}

// sealing chooses the key of a call whose body has sensitive fields.
//
// Errors: wx.ErrBusy when there is no key yet.
func (m *merchant) sealing(ctx context.Context) (context.Context, string, error) {
	serial, err := validator{m}.GetAcceptSerial(ctx)
	if err != nil {
		return ctx, "", wx.ErrBusy.Because(err)
	}
	return context.WithValue(ctx, serialKey{}, serial), serial, nil
}

// pinned is the serial that a call was sealed with, if it was.
func pinned(ctx context.Context) (string, bool) {
	serial, ok := ctx.Value(serialKey{}).(string)
	return serial, ok
}

// sensitive encrypts fields for the SDK. It is a cipher.Encryptor and a cipher.Decryptor.
type sensitive struct{ m *merchant }

func cipherOf(m *merchant) *ciphers.WechatPayCipher {
	return ciphers.NewWechatPayCipher(sensitive{m}, sensitive{m})
}

// SelectCertificate names the key.
func (s sensitive) SelectCertificate(ctx context.Context) (string, error) {
	if serial, ok := pinned(ctx); ok {
		return serial, nil
	}
	return validator(s).GetAcceptSerial(ctx)
}

// Encrypt encrypts one field with the key that a serial names. Its errors do not quote it.
func (s sensitive) Encrypt(ctx context.Context, serial, plain string) (string, error) {
	if plain == "" {
		return "", nil
	}
	if serial == s.m.PublicKeyID && s.m.PublicKey != nil {
		return utils.EncryptOAEPWithPublicKey(plain, s.m.PublicKey)
	}
	cert, held := s.m.certificates.Get(ctx, serial)
	if !held {
		return "", errors.New("the key to encrypt with is not held any more")
	}
	return utils.EncryptOAEPWithCertificate(plain, cert)
}

// Decrypt forgets: of what answers hold encrypted, nothing is needed here.
func (sensitive) Decrypt(context.Context, string) (string, error) { return "", nil }

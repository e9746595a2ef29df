package wxpay

import (
	"context"
	"reflect"
	"strings"

	"wxhub/model"
)

// sealedBody turns a request whose fields are named by their json tags into what is sent: empty fields are left out,
// as WeChat Pay wants of an application, and each model.Secret is encrypted with the key that the call was sealed
// with. It is made anew for each try, and what cannot be encrypted is named by nothing but its type.
func (m *merchant) sealedBody(ctx context.Context, request any) (any, error) {
	serial, err := sensitive{m}.SelectCertificate(ctx)
	if err != nil {
		return nil, err
	}
	return m.sealedValue(ctx, serial, reflect.ValueOf(request))
}

func (m *merchant) sealedValue(ctx context.Context, serial string, v reflect.Value) (any, error) {
	if secret, ok := v.Interface().(model.Secret); ok {
		return sensitive{m}.Encrypt(ctx, serial, secret.Reveal())
	}
	switch v.Kind() {
	case reflect.Pointer:
		return m.sealedValue(ctx, serial, v.Elem())
	case reflect.Slice:
		list := make([]any, v.Len())
		for i := range list {
			var err error
			if list[i], err = m.sealedValue(ctx, serial, v.Index(i)); err != nil {
				return nil, err
			}
		}
		return list, nil
	case reflect.Struct:
		object := map[string]any{}
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			if v.Field(i).IsZero() {
				continue
			}
			value, err := m.sealedValue(ctx, serial, v.Field(i))
			if err != nil {
				return nil, err
			}
			object[name] = value
		}
		return object, nil
	}
	return v.Interface(), nil
}

package config

import (
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"reflect"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"

	"wxhub/model"
)

// leafReader turns the text of one value into the type of its key. Its errors say
// what is wrong and what to do, and never hold the text of a secret.
type leafReader func(s secretReader, text string) (any, error)

// leaves are the types that are one value in the file.
var leaves = map[reflect.Type]leafReader{
	reflect.TypeFor[string]():            plainLeaf[string],
	reflect.TypeFor[model.AppKind]():     plainLeaf[model.AppKind],
	reflect.TypeFor[model.EventType]():   plainLeaf[model.EventType],
	reflect.TypeFor[model.Fen]():         fenLeaf,
	reflect.TypeFor[bool]():              boolLeaf,
	reflect.TypeFor[time.Duration]():     durationLeaf,
	reflect.TypeFor[model.Secret]():      secretLeaf,
	reflect.TypeFor[*rsa.PrivateKey]():   privateKeyLeaf,
	reflect.TypeFor[*rsa.PublicKey]():    publicKeyLeaf,
	reflect.TypeFor[*x509.Certificate](): certificateLeaf,
}

func (d *decoder) leaf(n *yaml.Node, v reflect.Value, key string) {
	if n.Kind != yaml.ScalarNode {
		d.fault(key, "must be a single value, not %s", kindOf(n))
		return
	}
	got, err := leaves[v.Type()](d.secrets, n.Value)
	if err != nil {
		d.fault(key, "%s", err)
		return
	}
	v.Set(reflect.ValueOf(got))
}

// plainLeaf takes the text as it is written, so that 1900000001 is an id without quotes.
func plainLeaf[T ~string](_ secretReader, text string) (any, error) {
	return T(text), nil
}

func fenLeaf(_ secretReader, text string) (any, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, errors.New("must be a whole number of fen, such as 100 for one yuan")
	}
	return model.Fen(n), nil
}

func boolLeaf(_ secretReader, text string) (any, error) {
	if text != "true" && text != "false" {
		return nil, errors.New("must be true or false")
	}
	return text == "true", nil
}

func durationLeaf(_ secretReader, text string) (any, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return nil, errors.New("must be a duration with a unit, such as 30s, 5m or 720h")
	}
	return d, nil
}

func secretLeaf(s secretReader, text string) (any, error) {
	value, err := s.read(text)
	if err != nil {
		return nil, err
	}
	return model.Secret(value), nil
}

func privateKeyLeaf(s secretReader, text string) (any, error) {
	value, err := s.read(text)
	if err != nil {
		return nil, err
	}
	return parsePrivateKey([]byte(value))
}

func publicKeyLeaf(s secretReader, text string) (any, error) {
	value, err := s.read(text)
	if err != nil {
		return nil, err
	}
	return parsePublicKey([]byte(value))
}

func certificateLeaf(s secretReader, text string) (any, error) {
	value, err := s.read(text)
	if err != nil {
		return nil, err
	}
	return parseCertificate([]byte(value))
}

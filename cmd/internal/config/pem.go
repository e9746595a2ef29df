package config

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// minKeyBits is the RSA size of WeChat Pay's keys, and the least that is safe.
const minKeyBits = 2048

// parsePrivateKey reads a merchant's apiclient_key.pem (PKCS#8, or PKCS#1).
func parsePrivateKey(text []byte) (*rsa.PrivateKey, error) {
	block, err := onlyBlock(text, "apiclient_key.pem")
	if err != nil {
		return nil, err
	}
	var key any
	switch {
	case block.Type == "ENCRYPTED PRIVATE KEY", block.Headers["DEK-Info"] != "":
		return nil, errors.New("is protected by a passphrase; write it without one: openssl pkey -in key.pem -out plain.pem")
	case block.Type == "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case block.Type == "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case block.Type == "CERTIFICATE":
		return nil, errors.New("is a certificate; give the merchant's private key, apiclient_key.pem")
	default:
		return nil, errors.New("is not a private key; give the merchant's apiclient_key.pem")
	}
	private, ok := key.(*rsa.PrivateKey)
	if err != nil || !ok { // the cause may quote numbers of the key
		return nil, errors.New("holds no valid RSA private key; download apiclient_key.pem from the merchant platform again")
	}
	return private, checkBits(private.N.BitLen())
}

// parsePublicKey reads WeChat Pay's pub_key.pem (PKIX).
func parsePublicKey(text []byte) (*rsa.PublicKey, error) {
	block, err := onlyBlock(text, "pub_key.pem")
	if err != nil {
		return nil, err
	}
	switch block.Type {
	case "PUBLIC KEY":
	case "CERTIFICATE":
		return nil, errors.New("is a platform certificate, which wxhub fetches by itself: " +
			"give WeChat Pay's pub_key.pem, or leave both wechatpay_public_key and its id out for platform certificates")
	case "RSA PUBLIC KEY":
		return nil, errors.New("is a PKCS#1 key; convert it: openssl rsa -RSAPublicKey_in -in key.pem -pubout")
	default:
		return nil, errors.New("is not a public key; give WeChat Pay's pub_key.pem from the merchant platform")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	public, ok := key.(*rsa.PublicKey)
	if err != nil || !ok {
		return nil, errors.New("holds no valid RSA public key; download pub_key.pem from the merchant platform again")
	}
	return public, checkBits(public.N.BitLen())
}

// parseCertificate reads a merchant's apiclient_cert.pem.
func parseCertificate(text []byte) (*x509.Certificate, error) {
	block, err := onlyBlock(text, "apiclient_cert.pem")
	if err != nil {
		return nil, err
	}
	if block.Type != "CERTIFICATE" {
		return nil, errors.New("is not a certificate; give the merchant's apiclient_cert.pem")
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, errors.New("holds no valid certificate; download apiclient_cert.pem from the merchant platform again")
	}
	return cert, nil
}

// onlyBlock finds the one PEM block of a text.
func onlyBlock(text []byte, want string) (*pem.Block, error) {
	block, rest := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("is not PEM; give the content of %s, best as file:PATH", want)
	}
	if len(bytes.TrimSpace(rest)) > 0 {
		return nil, fmt.Errorf("holds more than one PEM block; give %s alone", want)
	}
	return block, nil
}

func checkBits(bits int) error {
	if bits < minKeyBits {
		return fmt.Errorf("has %d bits; at least %d are needed", bits, minKeyBits)
	}
	return nil
}

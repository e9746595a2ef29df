package config_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"wxhub/cmd/internal/config"
)

// canary is in every secret of the tests. No fault, log or dump may show it.
const canary = "CANARY"

// The secrets of the fixture, each of the shape its key asks for.
const (
	goodAPIKey  = canary + "0123456789abcdef"
	goodV3Key   = canary + "0123456789abcdef0123456789"
	goodToken   = canary + "token"
	goodAES     = canary + "abcdefghijklmnopqrstuvwxyz01234567890"
	goodWebhook = "whsec_" + canary + "AAAAAAAAAAAAAAAAAAAAAAAAAA"
)

// fixtureEnv is what the example of config.yaml asks for.
func fixtureEnv() []string {
	return []string{
		"SHOP_API_KEY=" + goodAPIKey, "SHOP_WEBHOOK_SECRET=" + goodWebhook,
		"MINI_APP_SECRET=" + canary + "mini", "MP_APP_SECRET=" + canary + "mp",
		"WEB_APP_SECRET=" + canary + "web", "MOBILE_APP_SECRET=" + canary + "mobile",
		"MP_TOKEN=" + goodToken, "MP_AES_KEY=" + goodAES,
		"MCH_API_V3_KEY=" + goodV3Key, "MCH_API_V2_KEY=" + strings.ToLower(goodV3Key),
	}
}

// keys are two RSA pairs: the merchant's and WeChat Pay's. Making them is slow.
var keys = sync.OnceValue(func() (k struct{ merchant, wechat *rsa.PrivateKey }) {
	var err error
	if k.merchant, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		panic(err)
	}
	if k.wechat, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		panic(err)
	}
	return k
})

func pemText(kind string, der []byte, err error) string {
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func privatePEM() string {
	der, err := x509.MarshalPKCS8PrivateKey(keys().merchant)
	return pemText("PRIVATE KEY", der, err)
}

// certificatePEM is a certificate of a key, signed by itself.
func certificatePEM(key *rsa.PrivateKey) string {
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	return pemText("CERTIFICATE", der, err)
}

func publicPEM() string {
	der, err := x509.MarshalPKIXPublicKey(&keys().wechat.PublicKey)
	return pemText("PUBLIC KEY", der, err)
}

// dir is a folder with a config.yaml and the key files of the example.
func dir(t testing.TB, text string) (path string) {
	t.Helper()
	d := t.TempDir()
	for name, content := range map[string]string{
		"config.yaml": text, "apiclient_key.pem": privatePEM(), "pub_key.pem": publicPEM(), "apiclient_cert.pem": certificatePEM(keys().merchant),
	} {
		if err := os.WriteFile(filepath.Join(d, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(d, "config.yaml")
}

// checkedIn is the config.yaml at the root of the repository.
func checkedIn(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("../../../config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// example is the checked-in file with its example taken in, as a reader would do it.
func example(t testing.TB) string {
	lines := strings.Split(checkedIn(t), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, "#:")
	}
	return strings.Join(lines, "\n")
}

func mustLoad(t testing.TB, text string, env ...string) *config.Config {
	t.Helper()
	c, err := config.Load(dir(t, text), env)
	if err != nil {
		t.Fatalf("must load, but:\n%v", err)
	}
	return c
}

// faultsOf loads what must not load, and gives the faults.
func faultsOf(t testing.TB, text string, env ...string) []config.Fault {
	t.Helper()
	_, err := config.Load(dir(t, text), env)
	var all *config.Error
	if !errors.As(err, &all) {
		t.Fatalf("must fail with *config.Error, got %v", err)
	}
	if strings.Contains(err.Error(), canary) {
		t.Errorf("a secret is in the error:\n%v", err)
	}
	if lines := strings.Count(err.Error(), "\n") + 1; lines != len(all.Faults) {
		t.Errorf("%d faults have %d lines:\n%v", len(all.Faults), lines, err)
	}
	return all.Faults
}

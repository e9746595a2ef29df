package transport

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
)

// The certificate is shown to a server that asks for one, also when the server names
// authorities that did not sign it, and never to one that is not who it says.
func TestTheCertificateIsShown(t *testing.T) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(7)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	shown := make(chan int, 1)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		shown <- len(r.TLS.PeerCertificates)
		if len(r.TLS.PeerCertificates) == 1 && string(r.TLS.PeerCertificates[0].Raw) != string(der) {
			t.Error("another certificate was shown")
		}
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequestClientCert, ClientCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	server.StartTLS()
	defer server.Close()
	server.TLS.ClientCAs.AddCert(server.Certificate())

	for _, certificate := range []*tls.Certificate{nil, {Certificate: [][]byte{der}, PrivateKey: private}} {
		client, err := WithCertificate(Hosts{"api.example": server.URL}, certificate)
		if err != nil {
			t.Fatal(err)
		}
		if answer, err := client.Get("https://api.example/x"); err == nil {
			_ = answer.Body.Close()
			t.Error("a server that nobody vouches for was believed")
		}
		pool := client.Transport.(rewriter).next.(*http.Transport)
		if pool.TLSClientConfig == nil {
			pool.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		pool.TLSClientConfig.RootCAs = x509.NewCertPool()
		pool.TLSClientConfig.RootCAs.AddCert(server.Certificate())
		answer, err := client.Get("https://api.example/x")
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if n := <-shown; n > 1 || (n == 1) != (certificate != nil) {
			t.Errorf("%d certificates were shown; there is one: %v", n, certificate != nil)
		}
	}
}

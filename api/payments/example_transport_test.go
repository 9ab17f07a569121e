package payments_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// Requests through a proxy. HTTPS_PROXY and NO_PROXY are honored without this.
func ExampleNewTransport_proxy() {
	api := httptest.NewServer(http.HandlerFunc(success))
	defer api.Close()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("the proxy forwards", r.Method)
		success(w, r)
	}))
	defer proxy.Close()

	address, err := url.Parse(proxy.URL)
	if err != nil {
		log.Fatal(err)
	}
	transport := payments.NewTransport()
	transport.Proxy = http.ProxyURL(address)
	client, err := payments.NewClient(payments.WithHTTPClient(&http.Client{Transport: transport}),
		payments.WithCredentials(accountSID, authToken), payments.WithBaseURL(api.URL))
	if err != nil {
		log.Fatal(err)
	}
	session, err := client.Create(context.Background(), callSID, payments.CreateParams{StatusCallback: callback})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(session.CallSID)
	// Output:
	// the proxy forwards POST
	// CAbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
}

// A certificate authority of your own, such as that of an inspecting proxy, is
// trusted in addition to the system's.
func ExampleNewTransport_certificateAuthority() {
	api := httptest.NewTLSServer(http.HandlerFunc(success))
	defer api.Close()

	pool, err := x509.SystemCertPool()
	if err != nil {
		log.Fatal(err)
	}
	pool.AddCert(api.Certificate()) // or AppendCertsFromPEM with the file
	transport := payments.NewTransport()
	transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	client, err := payments.NewClient(payments.WithHTTPClient(&http.Client{Transport: transport}),
		payments.WithCredentials(accountSID, authToken), payments.WithBaseURL(api.URL))
	if err != nil {
		log.Fatal(err)
	}
	session, err := client.Create(context.Background(), callSID, payments.CreateParams{StatusCallback: callback})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(session.CallSID)
	// Output: CAbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
}

// A client certificate, for a gateway that requires mutual TLS.
func ExampleNewTransport_clientCertificate() {
	certificate := selfSigned("pay.example.com") // or tls.LoadX509KeyPair("client.crt", "client.key")
	api := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("the gateway accepts", r.TLS.PeerCertificates[0].Subject.CommonName)
		success(w, r)
	}))
	api.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: poolOf(certificate.Leaf), MinVersion: tls.VersionTLS12}
	api.Config.ErrorLog = log.New(io.Discard, "", 0)
	api.StartTLS()
	defer api.Close()

	transport := payments.NewTransport()
	transport.TLSClientConfig = &tls.Config{
		Certificates: []tls.Certificate{certificate},
		RootCAs:      poolOf(api.Certificate()),
		MinVersion:   tls.VersionTLS12,
	}
	client, err := payments.NewClient(payments.WithHTTPClient(&http.Client{Transport: transport}),
		payments.WithCredentials(accountSID, authToken), payments.WithBaseURL(api.URL))
	if err != nil {
		log.Fatal(err)
	}
	session, err := client.Create(context.Background(), callSID, payments.CreateParams{StatusCallback: callback})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(session.CallSID)
	// Output:
	// the gateway accepts pay.example.com
	// CAbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
}

func poolOf(certificate *x509.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(certificate)
	return pool
}

func selfSigned(name string) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		log.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		log.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// One client for many subaccounts, whose tokens a secret manager stores and
// rotates. The same function works for callback.WithTokenSource.
func ExampleWithCredentialSource() {
	api := httptest.NewServer(http.HandlerFunc(success))
	defer api.Close()
	vault := map[string][]string{accountSID: {"current-token", "next-token"}}
	source := func(_ context.Context, account string) (payments.Credentials, error) {
		fmt.Println("fetching credentials of", account)
		return wire.NewCredentials(vault[account]...), nil
	}
	client, err := payments.NewClient(payments.WithCredentialSource(source), payments.WithBaseURL(api.URL))
	if err != nil {
		log.Fatal(err)
	}
	for range 2 {
		_, err := client.Create(context.Background(), callSID, payments.CreateParams{StatusCallback: callback}, payments.WithAccount(accountSID))
		fmt.Println(err)
	}
	// Output:
	// fetching credentials of ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
	// <nil>
	// <nil>
}

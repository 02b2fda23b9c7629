// Go's view of certificates: go run certificates.go ROOT CRL FILE…
// For each file, its URIs and whether root and revocation list let it be a client: "URI good" or "URI revoked".
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
)

func main() {
	root, err := os.ReadFile(os.Args[1])
	check(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(root)
	block, _ := pem.Decode(root)
	authority, err := x509.ParseCertificate(block.Bytes)
	check(err)
	list, err := os.ReadFile(os.Args[2])
	check(err)
	block, _ = pem.Decode(list)
	crl, err := x509.ParseRevocationList(block.Bytes)
	check(err)
	check(crl.CheckSignatureFrom(authority))
	for _, path := range os.Args[3:] {
		pair, err := tls.LoadX509KeyPair(path, path)
		check(err)
		leaf := pair.Leaf
		_, err = leaf.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
		check(err)
		state := "good"
		for _, entry := range crl.RevokedCertificateEntries {
			if entry.SerialNumber.Cmp(leaf.SerialNumber) == 0 {
				state = "revoked"
			}
		}
		fmt.Println(leaf.URIs[0].String(), state)
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A client that offers no key exchange but X25519MLKEM768: says which one was agreed on, or why none was.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

func main() {
	address, ca, certificate, key := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	pem, err := os.ReadFile(ca)
	exitOn(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	own, err := tls.LoadX509KeyPair(certificate, key)
	exitOn(err)
	connection, err := tls.Dial("tcp", address, &tls.Config{
		RootCAs:          roots,
		Certificates:     []tls.Certificate{own},
		ServerName:       "localhost",
		CurvePreferences: []tls.CurveID{tls.X25519MLKEM768},
	})
	exitOn(err)
	fmt.Fprint(connection, "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
	line, err := bufio.NewReader(connection).ReadString('\n')
	exitOn(err)
	state := connection.ConnectionState()
	fmt.Printf("%s %s %s", tls.VersionName(state.Version), state.CurveID, line)
}

func exitOn(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

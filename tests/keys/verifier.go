// SPDX-License-Identifier: Apache-2.0
// Verifier reads RSA keys in PEM and reports whether Go's parser and validation accept them, and whether their primes pass
// the Baillie-PSW test, which is independent of the test that found them.
package main

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
)

func main() {
	rest, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	accepted, refused := 0, 0
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
		if err == nil {
			err = key.Validate()
		}
		if err == nil && !(key.Primes[0].ProbablyPrime(0) && key.Primes[1].ProbablyPrime(0)) {
			err = fmt.Errorf("a factor is not prime")
		}
		if err == nil {
			accepted++
			continue
		}
		refused++
		fmt.Fprintln(os.Stderr, "FAILED:", err)
	}
	fmt.Printf("Go: %d of %d accepted\n", accepted, accepted+refused)
	if refused > 0 || accepted == 0 {
		os.Exit(1)
	}
}

// SPDX-License-Identifier: Apache-2.0
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
)

// parseKey reads the first block, as kubeadm writes it: nothing else is in its key files.
func parseKey(data []byte) (crypto.Signer, *pem.Block, error) {
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, nil, errors.New("no key")
	}
	var key any
	var err error
	switch block.Type {
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	if err != nil {
		return nil, nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, nil, fmt.Errorf("a %T cannot sign", key)
	}
	return signer, block, nil
}

func describeKey(data []byte) (Facts, error) {
	key, block, err := parseKey(data)
	if err != nil {
		return nil, err
	}
	facts := Facts{"text": textForm(data)}
	facts.addAll("key.", describePublic(key.Public()))
	if rsaKey, ok := key.(*rsa.PrivateKey); ok {
		facts["primes"] = fmt.Sprint(len(rsaKey.Primes))
		if err := rsaKey.Validate(); err != nil {
			return nil, err
		}
	}
	if block.Type == "EC PRIVATE KEY" {
		var form struct {
			Version int
			Key     []byte
			Curve   asn1.ObjectIdentifier `asn1:"optional,explicit,tag:0"`
			Public  asn1.BitString        `asn1:"optional,explicit,tag:1"`
		}
		if _, err := asn1.Unmarshal(block.Bytes, &form); err != nil {
			return nil, err
		}
		facts["form"] = fmt.Sprintf("version %d, %d octets, curve %s, public key %d bits", form.Version, len(form.Key), form.Curve,
			form.Public.BitLength)
	}
	return facts, nil
}

func parsePublicKey(data []byte) (any, error) {
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "PUBLIC KEY" {
		return nil, errors.New("no public key")
	}
	return x509.ParsePKIXPublicKey(block.Bytes)
}

func describePublic(public any) Facts {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return Facts{"type": err.Error()}
	}
	print := sha256.Sum256(der)
	facts := Facts{"~id": hex.EncodeToString(print[:])}
	switch key := public.(type) {
	case *rsa.PublicKey:
		facts["type"] = fmt.Sprintf("RSA-%d, exponent %d", key.N.BitLen(), key.E)
	case *ecdsa.PublicKey:
		facts["type"] = "ECDSA " + key.Curve.Params().Name
	default:
		facts["type"] = fmt.Sprintf("%T", public)
	}
	return facts
}

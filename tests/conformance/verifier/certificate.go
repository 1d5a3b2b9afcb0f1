// SPDX-License-Identifier: Apache-2.0
package main

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// Certificate is Go's reading of it, with what Go's reading leaves out.
type Certificate struct {
	*x509.Certificate
	raw struct {
		Version            int `asn1:"optional,explicit,default:0,tag:0"`
		SerialNumber       asn1.RawValue
		SignatureAlgorithm pkix.AlgorithmIdentifier
		Issuer             asn1.RawValue
		Validity           struct{ NotBefore, NotAfter asn1.RawValue }
		Subject            asn1.RawValue
		PublicKey          asn1.RawValue
		UniqueID           asn1.RawValue    `asn1:"optional,tag:1"`
		SubjectUniqueID    asn1.RawValue    `asn1:"optional,tag:2"`
		Extensions         []pkix.Extension `asn1:"optional,explicit,tag:3"`
	}
}

func parseCertificate(data []byte) (*Certificate, error) {
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, errors.New("no certificate")
	}
	parsed, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, err
	}
	certificate := &Certificate{Certificate: parsed}
	rest, err := asn1.Unmarshal(parsed.RawTBSCertificate, &certificate.raw)
	if err == nil && len(rest) > 0 {
		err = errors.New("more than a certificate")
	}
	return certificate, err
}

func (t *tree) issuerOf(c *Certificate) *Certificate {
	for _, ca := range t.cas {
		if bytes.Equal(ca.RawSubject, c.RawIssuer) && c.CheckSignatureFrom(ca.Certificate) == nil {
			return ca
		}
	}
	return nil
}

func (t *tree) describeCertificate(c *Certificate) Facts {
	issuer := t.issuerOf(c)
	facts := Facts{
		"version":             fmt.Sprint(c.raw.Version + 1),
		"subject":             nameText(c.RawSubject),
		"issuer":              nameText(c.RawIssuer),
		"issued by":           "nobody in this tree",
		"signature algorithm": c.raw.SignatureAlgorithm.Algorithm.String() + " " + hex.EncodeToString(c.raw.SignatureAlgorithm.Parameters.FullBytes),
		"serial":              serialText(c),
		"~serial":             c.SerialNumber.Text(16),
		"validity.form":       fmt.Sprintf("%d/%d", c.raw.Validity.NotBefore.Tag, c.raw.Validity.NotAfter.Tag),
		"validity.span":       c.NotAfter.Sub(c.NotBefore).String(),
		"validity.begin":      beginText(t.start.Sub(c.NotBefore)),
		"extensions":          "",
	}
	if issuer != nil {
		facts["issued by"] = nameText(issuer.RawSubject)
		facts["validity.end"] = map[bool]string{true: "after its issuer's", false: "within its issuer's"}[c.NotAfter.After(issuer.NotAfter)]
	}
	facts.addAll("key.", describePublic(c.PublicKey))
	if len(c.raw.UniqueID.FullBytes)+len(c.raw.SubjectUniqueID.FullBytes) > 0 {
		facts["unique id"] = "present"
	}
	for _, extension := range c.raw.Extensions {
		name, value := describeExtension(c, issuer, extension)
		facts["extensions"] += name + " "
		facts["extension."+name] = value
		if extension.Critical {
			facts["extension."+name] = "critical, " + value
		}
	}
	return facts
}

func serialText(c *Certificate) string {
	switch bits := c.SerialNumber.BitLen(); {
	case c.SerialNumber.Sign() <= 0:
		return "not positive"
	case bits <= 63:
		return "random, 63 bits"
	case bits <= 159:
		return "random, 159 bits"
	default:
		return "too long"
	}
}

func beginText(before time.Duration) string {
	if before > 2*time.Minute && before <= 5*time.Minute+2*time.Second {
		return "five minutes before"
	}
	return before.Round(time.Minute).String() + " before"
}

var stringKinds = map[int]string{asn1.TagPrintableString: "Printable", asn1.TagUTF8String: "UTF8", asn1.TagIA5String: "IA5", asn1.TagT61String: "T61"}

// nameText keeps what matters to whoever compares names by their octets: order, grouping, string types.
func nameText(der []byte) string {
	var rdns []asn1.RawValue
	if _, err := asn1.Unmarshal(der, &rdns); err != nil {
		return err.Error()
	}
	var parts []string
	for _, rdn := range rdns {
		var attributes []struct {
			Type  asn1.ObjectIdentifier
			Value asn1.RawValue
		}
		if _, err := asn1.UnmarshalWithParams(rdn.FullBytes, &attributes, "set"); err != nil {
			return err.Error()
		}
		var set []string
		for _, each := range attributes {
			kind, known := stringKinds[each.Value.Tag]
			if !known {
				kind = fmt.Sprint(each.Value.Tag)
			}
			set = append(set, fmt.Sprintf("%s=(%s)%s", each.Type, kind, each.Value.Bytes))
		}
		parts = append(parts, strings.Join(set, "+"))
	}
	return strings.Join(parts, ",")
}

var extensionNames = map[string]string{
	"2.5.29.14": "subjectKeyIdentifier", "2.5.29.15": "keyUsage", "2.5.29.17": "subjectAltName",
	"2.5.29.19": "basicConstraints", "2.5.29.35": "authorityKeyIdentifier", "2.5.29.37": "extKeyUsage",
}

func describeExtension(c, issuer *Certificate, extension pkix.Extension) (string, string) {
	name, known := extensionNames[extension.Id.String()]
	if !known {
		return extension.Id.String(), hex.EncodeToString(extension.Value)
	}
	switch name {
	case "subjectKeyIdentifier":
		return name, keyIDText(c)
	case "authorityKeyIdentifier":
		return name, issuerKeyIDText(issuer, extension.Value)
	case "subjectAltName":
		return name, namesText(extension.Value)
	case "keyUsage":
		return name, usageText(c.KeyUsage)
	case "extKeyUsage":
		return name, fmt.Sprint(c.ExtKeyUsage, c.UnknownExtKeyUsage)
	default: // basicConstraints: two octets when nothing is said, five for a CA without a path length
		return name, fmt.Sprintf("CA %t, %x", c.IsCA, extension.Value)
	}
}

var usages = []string{"digitalSignature", "contentCommitment", "keyEncipherment", "dataEncipherment", "keyAgreement", "keyCertSign",
	"cRLSign", "encipherOnly", "decipherOnly"}

func usageText(usage x509.KeyUsage) string {
	var set []string
	for bit, name := range usages {
		if usage&(1<<bit) != 0 {
			set = append(set, name)
		}
	}
	return strings.Join(set, " ")
}

func keyIDText(c *Certificate) string {
	var key struct {
		Algorithm pkix.AlgorithmIdentifier
		Bits      asn1.BitString
	}
	if _, err := asn1.Unmarshal(c.RawSubjectPublicKeyInfo, &key); err != nil {
		return err.Error()
	}
	long, short := sha256.Sum256(key.Bits.Bytes), sha1.Sum(key.Bits.Bytes)
	switch {
	case bytes.Equal(c.SubjectKeyId, short[:]):
		return "SHA-1 of the key"
	case bytes.Equal(c.SubjectKeyId, long[:20]):
		return "160 bits of the SHA-256 of the key"
	}
	return hex.EncodeToString(c.SubjectKeyId)
}

func issuerKeyIDText(issuer *Certificate, value []byte) string {
	if issuer == nil {
		return "of nobody"
	}
	wanted, _ := asn1.Marshal(struct {
		ID []byte `asn1:"tag:0"`
	}{issuer.SubjectKeyId})
	if bytes.Equal(value, wanted) {
		return "key id of the issuer alone"
	}
	return hex.EncodeToString(value)
}

func namesText(value []byte) string {
	var names []asn1.RawValue
	if _, err := asn1.Unmarshal(value, &names); err != nil {
		return err.Error()
	}
	var texts []string
	for _, name := range names {
		switch name.Tag {
		case 2:
			texts = append(texts, "DNS:"+string(name.Bytes))
		case 7:
			texts = append(texts, fmt.Sprintf("IP%d:%s", len(name.Bytes), net.IP(name.Bytes)))
		default:
			texts = append(texts, fmt.Sprintf("%d:%x", name.Tag, name.Bytes))
		}
	}
	return strings.Join(texts, " ")
}

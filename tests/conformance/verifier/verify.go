// SPDX-License-Identifier: Apache-2.0
package main

import (
	"crypto/x509"
	"fmt"
	"os"
	"time"

	zx509 "github.com/zmap/zcrypto/x509"
	"github.com/zmap/zlint/v3"
	"github.com/zmap/zlint/v3/lint"
)

// Job is one certificate, the file of its issuer (its own for a CA), what it is for, and names it must answer to.
type Job struct {
	Certificate, Issuer string
	Purposes            []string
	Names               []string
	// Not says what it is not for.
	Not []string
}

// Finding is what a verifier has against a certificate.
type Finding struct {
	Verifier    string `json:"verifier"`
	Certificate string `json:"certificate"`
	What        string `json:"what"`
}

// Verdict counts the certificates that each verifier saw.
type Verdict struct {
	Counts   map[string]int `json:"counts"`
	Lints    int            `json:"lints"`
	Findings []Finding      `json:"findings"`
}

var purposes = map[string]x509.ExtKeyUsage{
	"server": x509.ExtKeyUsageServerAuth, "client": x509.ExtKeyUsageClientAuth, "any": x509.ExtKeyUsageAny,
}

func verify(jobs []Job) (Verdict, error) {
	// The rules of the public Web are not for a cluster's own PKI; those of the RFCs are for everybody.
	rules, err := lint.GlobalRegistry().Filter(lint.FilterOptions{IncludeSources: lint.SourceList{
		lint.RFC3279, lint.RFC5280, lint.RFC5480, lint.RFC5891, lint.RFC8813}})
	if err != nil {
		return Verdict{}, err
	}
	verdict := Verdict{Counts: map[string]int{}, Findings: []Finding{}, Lints: len(rules.Names())}
	for _, job := range jobs {
		add := func(verifier string, format string, arguments ...any) {
			verdict.Findings = append(verdict.Findings, Finding{verifier, job.Certificate, fmt.Sprintf(format, arguments...)})
		}
		verdict.Counts["Go crypto/x509"]++
		verdict.Counts["zlint, RFC lints"]++
		if err := verifyGo(job, func(what string) { add("Go crypto/x509", "%s", what) }); err != nil {
			return verdict, fmt.Errorf("%s: %w", job.Certificate, err)
		}
		if err := lintOne(job, rules, func(what string) { add("zlint, RFC lints", "%s", what) }); err != nil {
			add("zlint, RFC lints", "%s", err)
		}
	}
	return verdict, nil
}

func verifyGo(job Job, add func(string)) error {
	data, err := os.ReadFile(job.Certificate)
	if err != nil {
		return err
	}
	certificate, err := parseCertificate(data)
	if err != nil {
		add(err.Error())
		return nil
	}
	issuer, err := os.ReadFile(job.Issuer)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(issuer) {
		add("no issuer in " + job.Issuer)
	}
	for _, purpose := range job.Purposes {
		options := x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{purposes[purpose]}, CurrentTime: time.Now()}
		if _, err := certificate.Verify(options); err != nil {
			add(purpose + ": " + err.Error())
		}
	}
	for _, purpose := range job.Not {
		options := x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{purposes[purpose]}}
		if _, err := certificate.Verify(options); err == nil {
			add("accepted as " + purpose + ", which it is not")
		}
	}
	for _, name := range job.Names {
		if err := certificate.VerifyHostname(name); err != nil {
			add(err.Error())
		}
	}
	return nil
}

func lintOne(job Job, rules lint.Registry, add func(string)) error {
	data, err := os.ReadFile(job.Certificate)
	if err != nil {
		return err
	}
	certificate, err := parseCertificate(data)
	if err != nil {
		return err
	}
	parsed, err := zx509.ParseCertificate(certificate.Raw)
	if err != nil {
		return err
	}
	for name, result := range zlint.LintCertificateEx(parsed, rules).Results {
		if result.Status >= lint.Notice {
			add(fmt.Sprintf("%s %s %s", name, result.Status, result.Details))
		}
	}
	return nil
}

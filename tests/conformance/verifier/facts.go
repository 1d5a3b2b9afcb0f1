// SPDX-License-Identifier: Apache-2.0
package main

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

// Facts are what one file says, one line a field. A name that begins with "~" is of this run alone: serials, keys.
type Facts map[string]string

func (f Facts) addAll(prefix string, more Facts) {
	for name, value := range more {
		volatile := strings.HasPrefix(name, "~")
		name = prefix + strings.TrimPrefix(name, "~")
		if volatile {
			name = "~" + name
		}
		f[name] = value
	}
}

// tree is a directory of PKI files; certificates are described together with the CA that issued them.
type tree struct {
	root  string
	start time.Time
	// kubeconfigs is when those were begun to be made.
	kubeconfigs time.Time
	cas         []*Certificate
}

func factsBelow(root string, start, kubeconfigs time.Time) (map[string]Facts, error) {
	t := &tree{root: root, start: start, kubeconfigs: kubeconfigs}
	all := map[string]Facts{}
	for _, ca := range []string{"pki/ca.crt", "pki/front-proxy-ca.crt", "pki/etcd/ca.crt"} {
		data, err := os.ReadFile(filepath.Join(root, ca))
		if err != nil {
			continue
		}
		certificate, err := parseCertificate(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", ca, err)
		}
		t.cas = append(t.cas, certificate)
	}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		relative, _ := filepath.Rel(root, path)
		facts, err := t.describe(path, entry)
		if err != nil {
			return fmt.Errorf("%s: %w", relative, err)
		}
		all[filepath.ToSlash(relative)] = facts
		return nil
	})
	return all, err
}

func (t *tree) describe(path string, entry fs.DirEntry) (Facts, error) {
	info, err := entry.Info()
	if err != nil {
		return nil, err
	}
	facts := Facts{"type": info.Mode().Type().String(), "mode": fmt.Sprintf("%04o", info.Mode().Perm())}
	if !info.Mode().IsRegular() {
		return facts, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	switch filepath.Ext(path) {
	case ".crt":
		return facts, t.describeCertificateFile(facts, path, data)
	case ".key":
		key, err := describeKey(data)
		facts.addAll("", key)
		return facts, err
	case ".pub":
		return facts, describePublicKey(facts, path, data)
	case ".conf":
		return facts, t.describeKubeconfig(facts, data)
	}
	return facts, nil
}

func (t *tree) describeCertificateFile(facts Facts, path string, data []byte) error {
	certificate, err := parseCertificate(data)
	if err != nil {
		return err
	}
	facts.addAll("", t.describeCertificate(certificate))
	facts["text"] = textForm(data)
	key, err := os.ReadFile(strings.TrimSuffix(path, ".crt") + ".key")
	if err != nil {
		facts["has its key"] = "no"
		return nil
	}
	return addMatch(facts, "has its key", key, certificate.PublicKey)
}

func addMatch(facts Facts, name string, keyData []byte, public any) error {
	key, _, err := parseKey(keyData)
	if err != nil {
		return err
	}
	same := key.Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(public)
	facts[name] = map[bool]string{true: "yes", false: "another"}[same]
	return nil
}

func describePublicKey(facts Facts, path string, data []byte) error {
	public, err := parsePublicKey(data)
	if err != nil {
		return err
	}
	facts["text"] = textForm(data)
	facts.addAll("key.", describePublic(public))
	key, err := os.ReadFile(strings.TrimSuffix(path, ".pub") + ".key")
	if err != nil {
		return err
	}
	return addMatch(facts, "has its key", key, public)
}

var masked = regexp.MustCompile(`([a-z-]+-data): (\S+)`)

var keyed = regexp.MustCompile(`(?m)^((?:  )*(?:- )?[a-zA-Z-]+):(?: |$)`)

// describeKubeconfig says how the lines are laid out, what each field holds, and looks at the data apart.
func (t *tree) describeKubeconfig(facts Facts, data []byte) error {
	var layout []string
	for _, match := range keyed.FindAllStringSubmatch(string(data), -1) {
		layout = append(layout, match[1])
	}
	facts["layout"] = strings.Join(layout, "|")
	var document map[string]any
	if err := yaml.UnmarshalStrict(data, &document); err != nil {
		return err
	}
	flatten(facts, "field", document)
	found := map[string][]byte{}
	for _, match := range masked.FindAllStringSubmatch(string(data), -1) {
		decoded, err := base64.StdEncoding.Strict().DecodeString(match[2])
		if err != nil {
			return fmt.Errorf("%s: %w", match[1], err)
		}
		found[match[1]] = decoded
	}
	ca, err := os.ReadFile(filepath.Join(t.root, "pki/ca.crt"))
	if err == nil {
		facts["certificate-authority-data"] = map[bool]string{true: "ca.crt, byte for byte", false: "not ca.crt"}[bytes.Equal(
			found["certificate-authority-data"], ca)]
	}
	certificate, err := parseCertificate(found["client-certificate-data"])
	if err != nil {
		return err
	}
	facts.addAll("client.", t.describeCertificate(certificate))
	// kubeadm makes kubeconfigs in a run of their own and lets them begin with the CA, so only their end is its doing.
	delete(facts, "client.validity.span")
	facts["client.validity.until"] = certificate.NotAfter.Sub(t.kubeconfigs).Round(time.Minute).String()
	facts["client.text"] = textForm(found["client-certificate-data"])
	key, err := describeKey(found["client-key-data"])
	if err != nil {
		return err
	}
	facts.addAll("client-key.", key)
	return addMatch(facts, "client has its key", found["client-key-data"], certificate.PublicKey)
}

// flatten gives each scalar its path; data is masked, because it is never the same twice.
func flatten(facts Facts, path string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for key, each := range value {
			flatten(facts, path+"."+key, each)
		}
	case []any:
		for number, each := range value {
			flatten(facts, fmt.Sprintf("%s[%d]", path, number), each)
		}
	default:
		facts[path] = fmt.Sprintf("%T %v", value, value)
		if strings.HasSuffix(path, "-data") {
			facts[path] = "…"
		}
	}
}

// textForm says what blocks a PEM text holds, and whether it is written just as Go writes it.
func textForm(data []byte) string {
	var kinds []string
	var again bytes.Buffer
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		kinds = append(kinds, block.Type)
		_ = pem.Encode(&again, block)
	}
	form := strings.Join(kinds, " + ")
	if !bytes.Equal(again.Bytes(), data) {
		form += ", not in canonical form"
	}
	return form
}

// SPDX-License-Identifier: Apache-2.0
// Verifier reads certificates with crypto/x509, which all of Kubernetes uses, and with zlint.
//
// usage: verifier facts ROOT START KUBECONFIGS    every fact about every file below ROOT, as JSON, and when they were begun
//
//	verifier verify < JOBS      what crypto/x509 and zlint's RFC lints find, as JSON
//	verifier json < YAML        the same document as JSON
//	verifier versions           versions of Go and zlint
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"

	"sigs.k8s.io/yaml"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "verifier:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	switch {
	case len(arguments) == 4 && arguments[0] == "facts":
		start, err := strconv.ParseInt(arguments[2], 10, 64)
		if err != nil {
			return err
		}
		kubeconfigs, err := strconv.ParseInt(arguments[3], 10, 64)
		if err != nil {
			return err
		}
		facts, err := factsBelow(arguments[1], time.Unix(start, 0), time.Unix(kubeconfigs, 0))
		if err != nil {
			return err
		}
		return print(facts)
	case len(arguments) == 1 && arguments[0] == "verify":
		var jobs []Job
		if err := json.NewDecoder(os.Stdin).Decode(&jobs); err != nil {
			return err
		}
		verdict, err := verify(jobs)
		if err != nil {
			return err
		}
		return print(verdict)
	case len(arguments) == 1 && arguments[0] == "json":
		text, err := io.ReadAll(os.Stdin)
		if err != nil {
			return err
		}
		text, err = yaml.YAMLToJSONStrict(text)
		if err == nil {
			_, err = os.Stdout.Write(text)
		}
		return err
	case len(arguments) == 1 && arguments[0] == "versions":
		return print(map[string]string{"go": runtime.Version(), "zlint": moduleVersion("github.com/zmap/zlint/v3")})
	}
	return fmt.Errorf("usage: verifier facts ROOT START KUBECONFIGS | verify | json | versions")
}

func moduleVersion(path string) string {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == path {
			return module.Version
		}
	}
	return "unknown"
}

func print(value any) error {
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

module pkigen.invalid/verifier

go 1.26.0

require (
	github.com/zmap/zlint/v3 v3.7.3
	sigs.k8s.io/yaml v1.6.0
)

require (
	github.com/pelletier/go-toml v1.9.5 // indirect
	github.com/weppos/publicsuffix-go v0.50.4-0.20260821095816-b0fdb5c2d345 // indirect
	github.com/zmap/zcrypto v0.0.0-20260906180147-3ed30b1e9340 // indirect
	go.yaml.in/yaml/v2 v2.4.2 // indirect
	golang.org/x/crypto v0.55.0 // indirect
	golang.org/x/net v0.58.0 // indirect
	golang.org/x/text v0.41.0 // indirect
)

// The version that zcrypto asks for is a commit that is not offered as a module any more.
replace github.com/weppos/publicsuffix-go => github.com/weppos/publicsuffix-go v0.50.3

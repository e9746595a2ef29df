module wxhub/wx/push/peertest

go 1.26.0

replace wxhub => ../../..

// PowerWeChat's packages for OAuth and WeChat Work import PowerSocialite, which nothing here needs; the version that
// it asks for is not in the checksum database. An empty module stands in its place; PowerWeChat itself is as published.
replace github.com/ArtisanCloud/PowerSocialite/v3 => ./testdata/powersocialite

require (
	github.com/ArtisanCloud/PowerWeChat/v3 v3.4.38
	wxhub v0.0.0-00010101000000-000000000000
)

require (
	github.com/ArtisanCloud/PowerLibs/v3 v3.3.2 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/clbanning/mxj/v2 v2.7.0 // indirect
	github.com/kr/pretty v0.3.1 // indirect
	github.com/oklog/ulid/v2 v2.1.2 // indirect
	github.com/patrickmn/go-cache v2.1.0+incompatible // indirect
	github.com/pkg/errors v0.9.1 // indirect
	github.com/redis/go-redis/v9 v9.23.0 // indirect
	go.opentelemetry.io/otel v1.4.0 // indirect
	go.opentelemetry.io/otel/trace v1.4.0 // indirect
	go.uber.org/atomic v1.12.0 // indirect
	go.uber.org/multierr v1.11.0 // indirect
	go.uber.org/zap v1.27.0 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/sys v0.50.0 // indirect
	gopkg.in/yaml.v2 v2.4.0 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)

module wxhub/wx/sandbox/gopaytest

go 1.26.0

replace wxhub => ../../..

require (
	github.com/go-pay/gopay v1.5.123
	wxhub v0.0.0-00010101000000-000000000000
)

require (
	github.com/go-pay/crypto v0.0.3 // indirect
	github.com/go-pay/errgroup v0.0.3 // indirect
	github.com/go-pay/smap v0.0.2 // indirect
	github.com/go-pay/util v0.0.4 // indirect
	github.com/go-pay/xlog v0.0.3 // indirect
	github.com/go-pay/xtime v0.0.2 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/text v0.44.0 // indirect
)

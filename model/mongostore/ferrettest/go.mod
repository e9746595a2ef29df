module wxhub/model/mongostore/ferrettest

go 1.26.0

replace wxhub => ../../..

require (
	github.com/FerretDB/FerretDB v1.24.2
)

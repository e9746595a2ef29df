package paytest

import (
	"pgregory.net/rapid"

	"wxhub/model"
	"wxhub/model/storetest"
)

// AnyOrder generates orders with anything that their types allow in every field,
// fields that model.Order gets in future included.
func AnyOrder() *rapid.Generator[model.Order] { return storetest.Anything[model.Order]() }

// AnyClaim generates idempotency claims likewise.
func AnyClaim() *rapid.Generator[model.IdempotentOrder] {
	return storetest.Anything[model.IdempotentOrder]()
}
